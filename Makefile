# Shipment Visibility for Odoo. `make help` lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON := .local/venv/bin/python
ENVIRONMENT := python3 -m dev.environment

.PHONY: help setup demo test bench faults translations odoo clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

setup: ## have Odoo, PostgreSQL, Python and a template database ready below .local/
	@$(ENVIRONMENT) setup

demo: ## run the story and leave its server running; ONCE=1 ends, PICTURES=1 renews docs/images
	@$(ENVIRONMENT) run $(PYTHON) -m dev.demo $(if $(ONCE),--once) $(if $(PICTURES),--pictures)

test: ## run every check; STAGE=lint|plain|odoo|tours|system|crash runs one
	@$(ENVIRONMENT) run $(PYTHON) -m dev.check $(STAGE)

bench: ## run the benchmark NAME=... and write .local/bench/NAME.json
	@$(ENVIRONMENT) run $(PYTHON) -m dev.bench $(NAME)

faults: ## kill, delay and forge, with real processes; SEED=... repeats a run, NAME=... SIZE=... one of them
	@$(ENVIRONMENT) run $(PYTHON) -m dev.faults $(if $(SEED),--seed $(SEED)) $(if $(SIZE),--size $(SIZE)) $(NAME)

translations: ## renew the .pot and .po files of the addons
	@$(ENVIRONMENT) run $(PYTHON) -m dev.translations

odoo: ## run Odoo's command line on this environment, ARGS="..."
	@$(ENVIRONMENT) odoo $(ARGS)

clean: ## remove .local/ (downloads stay in the user's cache)
	@$(ENVIRONMENT) clean
