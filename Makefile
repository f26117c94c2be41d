PYTHON ?= python3
# What is installed: the newest that was tried, or `make CONSTRAINTS=lowest.txt` (see .ci/lowest).
CONSTRAINTS ?= constraints.txt
BIN := .venv/bin
RUNS := .venv/.runs
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help install run test check bench clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: $(STAMP) ## Install Vidthread and what its tests need into .venv

# Only what running needs; the tests need five times as much.
$(RUNS): pyproject.toml $(CONSTRAINTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Vidthread needs Python 3.11 or newer, and $(PYTHON) is not. Name one: make PYTHON=python3.11" >&2; exit 1; }
	@echo "Installing into .venv …" >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e .
	@touch $@

$(STAMP): $(RUNS)
	@echo "Installing what the tests need …" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e '.[dev]'
	@touch $@

# What the tests need would fetch a model of 490 MB at the first question; a first look does not.
run: $(RUNS) ## Serve the playground, with a sample talk in it
	@SEMANTIC="$${SEMANTIC:-off}" $(BIN)/vidthread run

test: install ## Run the tests, without a network
	@$(BIN)/python -m pytest

check: install ## Check style, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: install ## Measure speed and load as ratios, against local servers
	@$(BIN)/python tests/benchmarks/run.py

clean: ## Remove what was installed, built and cached
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
