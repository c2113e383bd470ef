#!/bin/sh
# Builds .venv-server-clients: the trainers' own HTTP clients beside `plaudit serve`.
set -eu
cd "$(dirname "$0")/.."
environment=.venv-server-clients
python=$environment/bin/python
install() { "$python" -m pip install --quiet "$@"; }

"${PYTHON:-python3}" -m venv "$environment"
install --upgrade pip
sh scripts/install_torch.sh "$python" cpu
install aiohttp eval-protocol==0.3.33 --editable '.[server,testing]' --group tests
# Their dependencies need a GPU (flash-attn, deepspeed, bitsandbytes); their HTTP clients don't.
install --no-deps openrlhf==0.11.2 llamafactory==0.9.5
