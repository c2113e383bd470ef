#!/usr/bin/env bash
# Every test that needs a CUDA device, on a machine that has torch, TRL, vLLM, Unsloth and bitsandbytes installed.
# Arguments go to pytest; `tests/gpu/run.sh -k test_short` kills and resumes, reloads, and trains in 4 bit.
# PLAUDIT_GPU_LOGS names a folder that keeps the output of every process.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PYTHONPATH="$PWD/rewards:$PWD/trainer${PYTHONPATH:+:$PYTHONPATH}"
export UNSLOTH_DISABLE_STATISTICS=1 VLLM_NO_USAGE_STATS=1
export VLLM_USE_FLASHINFER_SAMPLER="${VLLM_USE_FLASHINFER_SAMPLER:-0}"
python3 -c 'from importlib.metadata import version; version("plaudit")' 2>/dev/null || {
    echo "plaudit is not installed, so its rewards can't be found: pip install --no-deps --no-build-isolation -e ." >&2
    exit 2
}
exec python3 -m pytest --timeout=0 tests/gpu -m gpu -v -s "$@"
