# Everything a newcomer or CI runs. `make` alone prints this list.
PYTHON ?= python3.12
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help quickstart test lint bench clean

help:  ## Show this list
	@awk -F ':.*##' '/^[a-z]+:.*##/ {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.12 is needed; name it: make PYTHON=/path/to/python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(BIN)/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[embedded]'
	@touch $@

$(VENV)/.dev: $(BIN)/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.run

quickstart: $(VENV)/.run  ## Run the whole pipeline on the sample collection (under 3 minutes)
	$(BIN)/xqg quickstart --output runs/quickstart --overwrite

test: $(VENV)/.dev  ## Run the tests
	$(BIN)/python -m pytest

lint: $(VENV)/.dev  ## ruff, mypy and codespell
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell

bench: $(VENV)/.dev  ## Measure against Pyserini's own classes; prints ratios
	$(BIN)/python -m benchmarks

clean:  ## Remove caches and the quickstart's output (not the environment)
	rm -rf runs/quickstart .pytest_cache .mypy_cache .ruff_cache .hypothesis
