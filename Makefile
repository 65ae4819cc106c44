# Everything happens in .venv; PYTHON only makes it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.DEFAULT_GOAL := help

.PHONY: help install serve test explore coverage lint bench mutants clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

install: $(STAMP) ## prepare .venv with everything

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with PYTHON=..."; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

serve: $(STAMP) ## serve on http://127.0.0.1:4010 (ARGS="--edition 2025-01" for options)
	@$(BIN)/mockserver serve $(ARGS)

test: $(STAMP) ## run every test (ARGS="-k name" to choose)
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

explore: $(STAMP) ## run the tests that generate their input, with other input each time
	$(BIN)/python -m pytest -n auto --dist worksteal -m hypothesis --hypothesis-profile explore $(ARGS)

coverage: $(STAMP) ## run every test, measuring branches over all processes; at least 95 % are covered
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n auto --dist worksteal $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: $(STAMP) lint-containers ## ruff, mypy, import rules, Dockerfile and CI examples
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(STAMP) ## measure speed side by side, as ratios
	$(BIN)/python -m benchmarks.speed $(ARGS)

mutants: $(STAMP) ## run the contract tests against every broken server
	$(BIN)/python -m benchmarks.mutants $(ARGS)

clean: ## remove what was made
	rm -rf $(VENV) build dist node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
	rm -rf tests/clients/.venv tests/clients/generated tests/clients/node_modules tests/corpus/gathered tests/strangers/npm/node_modules

-include openapi/lint.mk

-include examples/examples.mk

-include examples/ci/ci.mk

-include tests/clients/clients.mk

-include tests/corpus/corpus.mk

-include tests/strangers/npm/strangers.mk

-include locked/locks.mk
