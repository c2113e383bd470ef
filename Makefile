# The two commands of the README are `make demo` and `make test`; each does its own set-up in .venv.
PYTHON ?= python3
BIN := .venv/bin
# One thread is faster than two for the tiny models of the demo and the tests.
export OMP_NUM_THREADS ?= 1
export TOKENIZERS_PARALLELISM ?= false

.PHONY: demo test coverage test-ray test-server-clients fuzz-server test-vllm test-unsloth test-trackers gallery clients screenshots check docs clean help

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

.venv/installed: pyproject.toml scripts/install_torch.sh
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	sh scripts/install_torch.sh $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[data,server,trainer,testing]' --group dev
	@touch $@

demo: .venv/installed ## Train a tiny model from composed rewards on a CPU, in minutes
	$(BIN)/plaudit train demo --out runs/demo

# A file's tests stay together, since they share what is dear to make.
test: .venv/installed ## Run the tests, on up to eight cores
	$(BIN)/pytest --numprocesses auto --maxprocesses 8 --dist loadfile

coverage: .venv/installed ## Run the tests and demand 95 % of the lines of rewards/
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=95

.venv-vllm/installed: pyproject.toml scripts/install_torch.sh scripts/env_vllm.sh
	PYTHON=$(PYTHON) sh scripts/env_vllm.sh
	@touch $@

.venv-unsloth/installed: pyproject.toml scripts/install_torch.sh scripts/env_unsloth.sh
	PYTHON=$(PYTHON) sh scripts/env_unsloth.sh
	@touch $@

.venv-ray/installed: pyproject.toml
	$(PYTHON) -m venv .venv-ray
	.venv-ray/bin/python -m pip install --quiet --upgrade pip
	.venv-ray/bin/python -m pip install --quiet --editable '.[ray,testing]' --group tests
	@touch $@

test-ray: .venv-ray/installed ## Score on a local Ray cluster, in an environment of its own
	.venv-ray/bin/pytest -v --durations=5 tests/rewards/engines/test_ray.py

.venv-server-clients/installed: pyproject.toml scripts/install_torch.sh scripts/env_server_clients.sh
	PYTHON=$(PYTHON) sh scripts/env_server_clients.sh
	@touch $@

# LiteLLM, under eval-protocol, would fetch a price list on import. slime isn't on PyPI: set SLIME_SOURCE to a checkout.
test-server-clients: .venv-server-clients/installed ## Ask `plaudit serve` with the trainers' own clients
	LITELLM_LOCAL_MODEL_COST_MAP=True .venv-server-clients/bin/pytest -v -rs tests/integration/test_server_clients.py

.venv-fuzz/installed: pyproject.toml
	$(PYTHON) -m venv .venv-fuzz
	.venv-fuzz/bin/python -m pip install --quiet --upgrade pip
	.venv-fuzz/bin/python -m pip install --quiet --editable '.[server,testing]' --group tests schemathesis==4.32.5
	@touch $@

fuzz-server: .venv-fuzz/installed ## Send ten thousand bad requests to `plaudit serve`; takes minutes
	.venv-fuzz/bin/pytest -v -rP tests/integration/test_server_fuzz.py

.venv-gallery/installed: pyproject.toml scripts/install_torch.sh scripts/env_gallery.sh
	PYTHON=$(PYTHON) sh scripts/env_gallery.sh
	@touch $@

gallery: .venv-gallery/installed ## Audit published rewards again, and run every command that the page prints
	.venv-gallery/bin/python -m benchmarks.gallery
	.venv-gallery/bin/python -m benchmarks.gallery --check

test-vllm: .venv-vllm/installed ## Train with vLLM on a CPU, in an environment of its own
	.venv-vllm/bin/pytest -v -rP --show-capture=stdout --durations=0 tests/integration/test_vllm_cpu.py

.venv-trackers/installed: pyproject.toml scripts/install_torch.sh scripts/env_trackers.sh
	PYTHON=$(PYTHON) sh scripts/env_trackers.sh
	@touch $@

test-trackers: .venv-trackers/installed ## Find the parts in W&B, TensorBoard and trackio, in an environment of its own
	.venv-trackers/bin/pytest -v -rs tests/integration/test_trackers.py

# Two processes, and Unsloth first in each: it rewrites TRL and transformers as it is imported.
test-unsloth: .venv-unsloth/installed ## Train with Unsloth on a CPU and test with TRL 1.15, in an environment of its own
	.venv-unsloth/bin/pytest -v -rP --show-capture=stdout --durations=0 tests/integration/test_unsloth_cpu.py
	.venv-unsloth/bin/python -c 'import sys, unsloth, pytest; sys.exit(pytest.main(sys.argv[1:]))' \
		-v --durations=5 tests/rewards/test_trainer_call.py tests/trainer

clients: .venv/installed ## Score the same completions through every trainer's own code, each in an environment of its own
	PYTHON=$(PYTHON) sh scripts/clients.sh
	$(BIN)/python docs/generate.py

check: .venv/installed ## Lint, format and type checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright

docs: .venv/installed ## Build the documentation
	$(BIN)/sphinx-build --fail-on-warning --keep-going -b html docs docs/_build/html

screenshots: .venv/installed ## Draw the pictures of the documentation (needs Debian's chromium and chromium-driver)
	$(BIN)/python -m pip install --quiet 'selenium>=4.30'
	$(BIN)/python docs/make_screenshots.py

clean: ## Remove environments, caches and runs
	rm -rf .venv .venv-* .mypy_cache .pytest_cache .ruff_cache .hypothesis docs/_build
