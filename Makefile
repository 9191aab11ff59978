# Everything a newcomer or CI runs. `make` alone prints this list.
PYTHON ?= python3.12
VENV := .venv
BIN := $(VENV)/bin
MINIMUM := .venv-minimum

.DEFAULT_GOAL := help
.PHONY: help quickstart demo test test-fast test-minimum lint docs bench clean

help:  ## Show this list
	@awk -F ':.*##' '/^[a-z-]+:.*##/ {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.12 is needed; name it: make PYTHON=/path/to/python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(BIN)/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[embedded,openvino,reports]'
	@touch $@

$(VENV)/.dev: $(BIN)/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.run

quickstart: $(VENV)/.run  ## Run the whole pipeline on the sample collection (under 3 minutes)
	$(BIN)/xqg quickstart --output runs/quickstart --overwrite

$(VENV)/.demo: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --editable '.[serve,spelling]'
	@touch $@

demo: $(VENV)/.demo  ## Serve the quickstart's indexes and open the page
	test -d runs/quickstart/index-xdr || $(MAKE) quickstart
	$(BIN)/xqg serve --index base=runs/quickstart/index --index xqg=runs/quickstart/index-xqg \
		--index xdr=runs/quickstart/index-xdr \
		--query-encoder embedded+typo --open

# Two processes with one thread each: most tests wait for other processes or are too small for more.
TESTS := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

test: $(VENV)/.dev  ## Run the tests (under ten minutes on two cores)
	$(TESTS)

test-fast: $(VENV)/.dev  ## Run the tests that need neither an encoder nor a JVM (under a minute)
	$(TESTS) -m "not encoder and not jvm and not slow"

# The lowest versions that setup.cfg allows of what it names; 8 GB on disk, beside the usual environment.
test-minimum:  ## Run imports, help and the quickstart with the lowest versions that setup.cfg allows
	test -x $(MINIMUM)/bin/uv || { $(PYTHON) -m venv $(MINIMUM) && $(MINIMUM)/bin/python -m pip install --quiet uv; }
	$(MINIMUM)/bin/uv pip install --quiet --upgrade --python $(MINIMUM)/bin/python --resolution lowest-direct \
		--only-binary :all: --no-binary pyserini --no-binary xqg-pyserini --editable '.[test]'
	$(MINIMUM)/bin/python -m pytest tests/test_dependencies.py tests/test_doctor.py tests/test_architecture.py
	$(MINIMUM)/bin/xqg quickstart --output $(MINIMUM)/quickstart --overwrite

lint: $(VENV)/.dev  ## ruff, mypy and codespell
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell

docs: $(VENV)/.dev  ## Build the documentation into build/site; a broken link or reference is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(VENV)/.dev  ## Measure against Pyserini's own classes; prints ratios
	$(BIN)/python -m benchmarks

clean:  ## Remove caches and the quickstart's output (not the environments)
	rm -rf runs/quickstart build/site .pytest_cache .mypy_cache .ruff_cache .hypothesis
