#!/bin/sh
# Installs torch into the environment whose python is $1: the CPU build where there is no NVIDIA GPU, since the default
# build for Linux brings gigabytes of CUDA libraries.
set -eu
python=$1
version=2.13.0
install() { "$python" -m pip install --quiet "$@"; }

if "$python" -c "import torch" 2>/dev/null; then exit 0; fi
if command -v nvidia-smi >/dev/null 2>&1 || [ "$(uname -s)" != Linux ]; then
  install torch
elif ! install "torch==$version+cpu" 2>/dev/null; then
  install "torch==$version+cpu" --extra-index-url https://download.pytorch.org/whl/cpu
fi
