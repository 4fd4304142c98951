# Three commands are all a newcomer needs: `make compare`, `make app` and `make test`.  Each sets up what it needs.
# `make help` lists the rest.

MAKEFLAGS += --no-print-directory
# Many containers forbid it; without it each process compiles over a thousand modules anew, some 8 s.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help

SUPPORTED := 3.11 3.12 3.13
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CODE := simulator docs tests
WORKERS ?= auto
# The tests of a file stay on one worker: what they share is made once.
SIDE_BY_SIDE := -n $(WORKERS) --dist worksteal

# Prints the first interpreter that really runs and is one of the versions in $(1): on the PATH, then pyenv's.
pyenv = $(foreach version,$(1),$(wildcard $(HOME)/.pyenv/versions/$(version).*/bin/python))
find_python = for name in python3 $(1:%=python%) $(pyenv); do \
	  version=$$($$name -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	  case " $(1) " in *" $$version "*) echo $$name; break;; esac; \
	done
PYTHON ?= $(shell $(call find_python,$(SUPPORTED)))

.PHONY: help compare app test check format lint types floors docs site golden bench coverage mutate faults check-slow same-bits clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

compare: $(READY)  ## compare the built-in regimes on the built-in market; print the table, write the report
	@$(BIN)/frandsim compare cellular

app: $(READY)  ## open the interactive page in a browser; Ctrl-C ends it
	@$(BIN)/frandsim app

test: $(READY)  ## run the whole test suite
	@$(BIN)/python -m pytest -q $(SIDE_BY_SIDE)

check: format lint types floors site  ## everything a change must pass
	@$(BIN)/python docs/build.py --check
	@$(MAKE) test

format: $(READY)  ## the code is formatted
	@$(BIN)/ruff format --check $(CODE)

lint: $(READY)  ## the code has no lint
	@$(BIN)/ruff check $(CODE)

types: $(READY)  ## the types hold
	@$(BIN)/mypy

floors: $(READY)  ## modules import only what their floor may
	@$(BIN)/lint-imports

docs: $(READY)  ## write the generated pages of docs/
	@$(BIN)/python docs/build.py

site: $(READY)  ## build the manual as a site into out/site; a broken link stops it
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

golden: $(READY)  ## rewrite the golden tables; the changelog must then say: Results change
	@$(BIN)/python -m pytest -q tests/golden --rewrite-golden

bench: $(READY)  ## time it against itself, Mesa, NegMAS and C: ratios, with outcomes compared (5 minutes)
	@$(BIN)/python -c 'import negmas' 2>/dev/null || $(INSTALL) --no-build-isolation -e '.[dev,bench]'
	@$(BIN)/python -m tests.bench.bench

mutate: $(READY)  ## change rules one at a time, see whether tests notice; writes docs/mutation.md (slow)
	@FRANDSIM_COMPILER=off $(BIN)/python -m tests.house.mutate

faults: $(READY)  ## kill it, damage its files, feed it any file; writes docs/faults.md (hours)
	@mkdir -p out
	@$(BIN)/python -m pytest -q -m slow tests/batch tests/faults -o junit_family=xunit1 --junitxml=out/faults.xml; \
	  status=$$?; $(BIN)/python -m tests.faults.record out/faults.xml; exit $$status

coverage: $(READY)  ## play a truth and batches, write how often intervals hold it to docs/coverage.md (slow)
	@$(BIN)/python -m tests.coverage.study

check-slow: check  ## and the slow tests, and all tests on every other supported Python found here
	@$(BIN)/python -m pytest -q $(SIDE_BY_SIDE) -m slow
	@for version in $(SUPPORTED); do \
	  [ -x $(BIN)/python$$version ] || $(MAKE) test-on-$$version || exit 1; \
	done

same-bits: $(READY)  ## the same digests of results on every supported Python; fails where one is missing
	@mkdir -p out
	@for version in $(SUPPORTED); do $(MAKE) out/digests-$$version.txt || exit 1; done
	@for version in $(SUPPORTED); do \
	  diff out/digests-$(firstword $(SUPPORTED)).txt out/digests-$$version.txt || \
	    { echo "Python $(firstword $(SUPPORTED)) and $$version give other results" >&2; exit 1; }; \
	done
	@echo "the same results on Python $(SUPPORTED)"

DIGESTS := $(SUPPORTED:%=out/digests-%.txt)
.PHONY: $(DIGESTS)
$(DIGESTS): out/digests-%.txt:
	@python=$$($(call find_python,$*)); \
	test -n "$$python" || { echo "Python $* is missing; same-bits needs $(SUPPORTED)" >&2; exit 1; }; \
	$(MAKE) VENV=.venv-$* PYTHON=$$python .venv-$*/.ready && .venv-$*/bin/python -m tests.house.digests > $@

test-on-%:
	@python=$$($(call find_python,$*)); \
	if [ -z "$$python" ]; then echo "Python $*: not found, skipped"; exit 0; fi; \
	$(MAKE) VENV=.venv-$* PYTHON=$$python .venv-$*/.ready && \
	echo "Python $*:" && .venv-$*/bin/python -m pytest -q $(SIDE_BY_SIDE) -m ""

INSTALL = $(BIN)/python -m pip install -q --disable-pip-version-check --no-compile -c constraints.txt

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "frandsim needs Python 3.11, 3.12 or 3.13; none found on the PATH." >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) (once, a minute or two) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) setuptools
	@$(INSTALL) --no-build-isolation -e '.[dev]'
	@touch $@

clean:  ## remove the environments and everything built
	rm -rf .venv .venv-3.* build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find simulator tests docs -name __pycache__ -type d -prune -exec rm -rf {} +
