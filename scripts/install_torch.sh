#!/bin/sh
# Installs torch into the environment whose python is $1: the CPU build where there is no NVIDIA GPU (or $2 is `cpu`), since
# the default build for Linux brings gigabytes of CUDA libraries.
set -eu
python=$1
device=${2:-auto}
version=2.13.0
install() { "$python" -m pip install --quiet "$@"; }
wants_default_build() { [ "$device" != cpu ] && command -v nvidia-smi >/dev/null 2>&1 || [ "$(uname -s)" != Linux ]; }

if "$python" -c "import torch" 2>/dev/null; then exit 0; fi
if wants_default_build; then
  install torch
elif ! install "torch==$version+cpu" 2>/dev/null; then
  install "torch==$version+cpu" --extra-index-url https://download.pytorch.org/whl/cpu
fi
