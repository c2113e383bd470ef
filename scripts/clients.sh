#!/bin/sh
# Builds an environment per trainer and runs there, through the trainer's own code, what tests/clients asks of it.
#   scripts/clients.sh              all of them, then the pages that are made of the results
#   scripts/clients.sh verl trl     those named
# CLIENTS is the folder of the environments. Trainers that are not on PyPI are run from checkouts: PLAUDIT_SOURCES names a
# folder with slime, EasyR1, RL (NeMo-RL), ROLL, rllm and axolotl in it; without it they are left out, and said so.
set -eu
cd "$(dirname "$0")/.."
folder=${CLIENTS:-.venv-clients}
all="trl trl-1.15 verl verifiers verifiers-rubric skyrl-gym ms-swift openrlhf areal art llama-factory sources"
export PLAUDIT_CLIENTS_RESULTS="$PWD/tests/clients/results.json" TOKENIZERS_PARALLELISM=false
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"

# What an environment needs: its python, the CPU build of torch or not, packages, packages without their dependencies (those
# want CUDA builds), and the tests to run in it.
describe() {
  python=${PYTHON:-python3} torch=yes plaudit=. packages='' bare='' tests=''
  case $1 in
    trl) packages='trl==1.16.0 aiohttp math-verify' tests='trl registered' ;;
    trl-1.15) packages='trl==1.15.0 aiohttp math-verify' tests='trl registered' ;;
    verl) packages='verl==0.9.1' tests='verl registered' ;;
    verifiers) torch=no packages='verifiers==0.4.0' tests=verifiers ;;
    verifiers-rubric) torch=no packages='verifiers==0.2.1' tests=verifiers_rubric ;;
    skyrl-gym) torch=no packages='skyrl-gym==0.4.0' tests=skyrl ;;
    ms-swift) packages='ms-swift==4.6.0' tests=ms_swift ;;
    openrlhf) packages='aiohttp transformers==5.19.0 pylatexenc sympy' bare='openrlhf==0.11.2' tests=openrlhf ;;
    areal) torch=no packages='colorlog' bare='areal==1.0.4' tests=areal ;;
    art) torch=no python=${PYTHON_3_12:-python3.12} packages='openpipe-art==0.5.23' tests=art ;;
    llama-factory)
      plaudit='.[server]' packages='transformers==5.19.0 requests packaging' bare='llamafactory==0.9.5' tests=llamafactory ;;
    sources)
      packages='aiohttp pylatexenc sympy tensordict ray codetiming transformers==5.19.0 pydantic pillow requests'
      tests='slime easyr1 rllm nemo_rl roll axolotl' ;;
    *) echo "no client is called $1; there are: $all" >&2; exit 2 ;;
  esac
}

build() {
  [ -f "$folder/$1/installed" ] && return
  echo "building $1"
  "$python" -m venv "$folder/$1"
  bin=$folder/$1/bin/python
  "$bin" -m pip install --quiet --upgrade pip
  if [ $torch = yes ]; then sh scripts/install_torch.sh "$bin" cpu; fi
  # shellcheck disable=SC2086 # lists of words
  "$bin" -m pip install --quiet $packages --editable "$plaudit" --group tests
  # shellcheck disable=SC2086
  if [ -n "$bare" ]; then "$bin" -m pip install --quiet --no-deps $bare; fi
  touch "$folder/$1/installed"
}

failed=''
for client in ${*:-$all}; do
  describe "$client"
  if ! command -v "$python" >/dev/null; then
    echo "left out: $client needs $python"
    failed="$failed $client"
    continue
  fi
  build "$client"
  for test in $tests; do  # a process each: several of them put stand-ins into sys.modules
    echo "== $client: tests/clients/test_$test.py"
    status=0
    "$folder/$client/bin/python" -m pytest -q "tests/clients/test_$test.py" || status=$?
    if [ $status -eq 5 ]; then echo "left out: $test"; elif [ $status -ne 0 ]; then failed="$failed $test"; fi
  done
done
[ -z "$failed" ] || { echo "failed:$failed" >&2; exit 1; }
