#!/bin/sh
# Builds .venv-gallery: the rewards of the gallery as their authors publish them, at the versions that its page names.
# verl comes without its dependencies (a GPU stack); what its import of the scoring functions needs is named instead.
set -eu
cd "$(dirname "$0")/.."
environment=${1:-.venv-gallery}
python=$environment/bin/python
install() { "$python" -m pip install --quiet "$@"; }

"${PYTHON:-python3}" -m venv "$environment"
install --upgrade pip
sh scripts/install_torch.sh "$python" cpu
install trl==1.16.0 math-verify==0.9.0 ray==2.51.1 tensordict==0.10.0 hydra-core codetiming --editable '.[testing]'
install --no-deps verl==0.9.1
"$python" -c "import verl.utils.reward_score.gsm8k, trl.rewards, math_verify"
