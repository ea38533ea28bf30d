# Every command of the project; `make help` lists them. Nothing else has to be installed than make and Python 3.11 or later.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PY := .venv/bin/python
# A file is installed once per content: the stamp carries its checksum.
sum = $(shell cksum < $(1) | tr -d ' ')
RUN_STAMP := .venv/installed-run-$(call sum,requirements.txt)
DEV_STAMP := .venv/installed-dev-$(call sum,requirements-dev.txt)
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: help run demo test check bench bench-money broken-gates format lock migrate clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: $(RUN_STAMP) ## start everything on this machine: database, web, worker; Ctrl-C stops it
	@exec $(PY) wsgi.py run

demo: $(RUN_STAMP) ## play the main journey against a real server on a throwaway database
	@exec $(PY) wsgi.py demo

test: $(DEV_STAMP) ## all that CI runs: ruff, mypy, import contracts, every test
	@begun=$$(date +%s); failed=; \
	step() { name=$$1; shift; echo "== $$name"; "$$@" || failed="$$failed $$name"; }; \
	step ruff $(PY) -m ruff check --quiet .; \
	step format $(PY) -m ruff format --check --quiet .; \
	step imports env PYTHONPATH=platform $(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo; \
	step mypy $(PY) -m mypy --no-error-summary; \
	step pytest $(PY) -m pytest -q -n 2 --dist loadgroup $(TESTS); \
	took=$$(( $$(date +%s) - begun )); \
	if [ -n "$$failed" ]; then echo "make test: FAILED in $$took s:$$failed"; exit 1; fi; \
	echo "make test: all passed in $$took s"

bench: $(DEV_STAMP) ## repeatable measurements (bench/)
	@for each in bench/*.py; do \
		case $$each in *'*'*|*/__init__.py) continue;; esac; \
		echo "== $$each"; $(PY) "$$each" || exit 1; \
	done

bench-money: $(DEV_STAMP) ## payments against the sandbox at full length: 2,000 random lives, every crash point, 5,040 orders of events (40 minutes on two cores)
	@BENCH_MONEY=1 $(PY) -m pytest -q -rP -n 2 tests/money

broken-gates: $(DEV_STAMP) ## break each gate of eligibility and wishes by itself, and see the test that names it fail (a few minutes)
	@$(PY) -m tests.matching.broken_gates

format: $(DEV_STAMP) ## put the code in the form that `make test` asks for
	@$(PY) -m ruff check --quiet --fix . ; $(PY) -m ruff format .

migrate: $(RUN_STAMP) ## bring the database of `make run` (or DATABASE_URL) up to date, without starting the rest
	@exec $(PY) wsgi.py migrate

lock: $(DEV_STAMP) ## pin requirements*.in again, with hashes; names no index
	@for each in requirements requirements-dev; do \
		$(PY) -m uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-annotate \
			$$each.in -o $$each.txt || exit 1; \
	done

clean: ## remove what tools left (not .venv, not the database in var/)
	@rm -rf .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

$(RUN_STAMP): | $(PY)
	@echo "Installing what Attune runs on (requirements.txt); the first time takes a minute ..."
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip --upgrade >/dev/null
	@$(PIP) -r requirements.txt
	@rm -f .venv/installed-run-*; touch $@

$(DEV_STAMP): | $(PY)
	@echo "Installing what the checks need (requirements-dev.txt); the first time takes a minute or two ..."
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip --upgrade >/dev/null
	@$(PIP) -r requirements-dev.txt
	@rm -f .venv/installed-run-* .venv/installed-dev-*; touch $@ $(RUN_STAMP)

# The first Python that can make an environment with pip in it: of a version that was tried (3.11 to 3.13), else any later one.
$(PY):
	@for below in 14 99; do for python in python3 python3.13 python3.12 python3.11; do \
		$$python -c "import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, $$below))" 2>/dev/null || continue; \
		echo "Making .venv with $$($$python --version) ..."; \
		rm -rf .venv; $$python -m venv .venv && exit 0; \
		rm -rf .venv; \
		exit 1; \
	done; done; \
	echo "Attune needs Python 3.11 or later with its venv module, and found none." >&2; \
	echo "  Debian, Ubuntu: apt install python3-venv    Fedora: dnf install python3    macOS: brew install python" >&2; \
	exit 1
