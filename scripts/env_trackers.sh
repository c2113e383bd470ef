#!/bin/sh
# Builds .venv-trackers: the trainer with the three trackers that TRL reports to; no other test needs them.
set -eu
cd "$(dirname "$0")/.."
environment=.venv-trackers
python=$environment/bin/python
install() { "$python" -m pip install --quiet "$@"; }

"${PYTHON:-python3}" -m venv "$environment"
install --upgrade pip
sh scripts/install_torch.sh "$python" cpu
install tensorboard==2.21.0 wandb==0.31.0 trackio==0.43.0 --editable '.[trainer,testing]' --group tests
