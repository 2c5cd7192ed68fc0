# Synoptic: every target works first in a fresh clone and does nothing twice.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
ENGINE ?= auto
OUT ?= out

.DEFAULT_GOAL := help
.PHONY: help translate test check evaluate bench train clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@echo "creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.hub: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing synoptic[hub] into $(VENV) (once; torch is the large part)"
	@$(PIP) torch==2.13.0
	@$(PIP) --editable '.[hub]'
	@touch $@

$(VENV)/.dev: $(VENV)/.hub
	@echo "installing the tools of make test and make check into $(VENV)"
	@$(PIP) --editable '.[hub,dev]'
	@touch $@

translate: $(VENV)/.hub ## read seeds/, write parallel quote tables to out/
	@$(BIN)/synoptic translate seeds --out $(OUT) --engine $(ENGINE)

test: $(VENV)/.dev ## run every test that needs no network
	@$(BIN)/python -m pytest

check: $(VENV)/.dev ## ruff and mypy --strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

evaluate: $(VENV)/.dev ## precision and recall on seeds/gold.json and tests/cases
	@$(BIN)/python -m benchmarks.seeds
	@$(BIN)/python -m benchmarks.renderings
	@$(BIN)/python -m benchmarks.quotes

bench: $(VENV)/.dev ## what README's figures come from; DATA=folder adds the aligners' test documents
	@$(BIN)/python -m benchmarks.throughput --sentences 64
	@$(BIN)/python -m benchmarks.quotes
	@$(BIN)/python -m benchmarks.tables
	@$(BIN)/python -m benchmarks.batch
	@$(if $(DATA),$(BIN)/python -m benchmarks.monotone --data $(DATA)/text+berg-dev)

.train/box/tally.json: | $(VENV)/.hub
	@test -n "$(DATA)" || { echo "make train DATA=folder DEV=folder, see training/README.md"; exit 2; }
	@$(BIN)/python -m training prepare $(DATA) .train/box $(if $(DEV),--dev $(DEV))

train: .train/box/tally.json ## train the embedded model on DATA, look at DEV, in .train/
	@$(BIN)/python -m training train .train/run --box .train/box $(if $(DEV),--dev $(DEV)) $(TRAIN)

clean: ## remove what was built, keep the model cache
	rm -rf $(VENV) $(OUT) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
