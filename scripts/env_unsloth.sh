#!/bin/sh
# Builds .venv-unsloth: Unsloth's CPU backend on the newest line of packages that Unsloth allows, which is also the
# TRL 1.15 line of this project's tests.
set -eu
cd "$(dirname "$0")/.."
environment=.venv-unsloth
python=$environment/bin/python
install() { "$python" -m pip install --quiet "$@"; }

"${PYTHON:-python3}" -m venv "$environment"
install --upgrade pip
sh scripts/install_torch.sh "$python" cpu
# Unsloth's caps: newer ones of these are refused by it.
install trl==1.15.0 transformers==5.17.0 datasets==4.8.5 huggingface_hub==1.33.0 peft==0.21.2 accelerate==1.15.0 \
  einops httpx json5 msgspec nest-asyncio pillow protobuf structlog typeguard docstring-parser tyro wheel \
  --editable '.[trainer,testing]' --group tests
# Without dependencies: theirs name bitsandbytes, triton, xformers and torchvision, of no use without a GPU.
install --no-deps unsloth==2026.10.9 unsloth_zoo==2026.10.9 cut_cross_entropy
