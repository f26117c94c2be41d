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

# A dot for each package. The stamp tells whether pip came to its end: a pipe has no exit status.
INSTALL = rm -f $@; \
	{ $(BIN)/python -m pip install --disable-pip-version-check -c $(CONSTRAINTS) $(1) && touch $@; } \
	| while read -r word rest; do case $$word in Collecting) printf . ;; Installing) printf ' unpacking' ;; esac; done >&2; \
	test -e $@ && echo " done" >&2

# Only what running needs; the tests need five times as much.
$(RUNS): pyproject.toml $(CONSTRAINTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Vidthread needs Python 3.11 or newer, and $(PYTHON) is not. Name one: make PYTHON=python3.11" >&2; exit 1; }
	@printf "Installing Vidthread into .venv (50 packages, 110 MB; about a minute) " >&2
	@$(PYTHON) -m venv .venv
	@$(call INSTALL,--no-compile -e .)

$(STAMP): $(RUNS)
	@printf "Installing what the tests need (60 more packages; a few minutes) " >&2
	@$(call INSTALL,-e '.[dev]')

# Without settings of yours, what the tests need would fetch a model of 490 MB. The trap keeps the
# shell, and so make, from reporting Ctrl-C as an error.
run: $(RUNS) ## Serve Discord and Slack if .env has their tokens, else a page in the browser
	@trap : INT; test -e .env || export SEMANTIC="$${SEMANTIC:-off}"; \
		$(BIN)/vidthread run || test $$? -eq 130

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
