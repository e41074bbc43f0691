# provscan: what to run, and nothing else. Every target sets itself up from Python 3.11+ and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY  := $(VENV)/.ready
DEMO   := build/demo
MARKS   = not browser and not bench and not install and not thorough

# The tests start hundreds of processes: each would compile all sources anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check install-test lint types docs bench reliability fuzz fixtures browser golden clean

demo: $(READY)            ## make a small real delivery, scan it, print the report
	@$(BIN)/python -m fixtures.make delivery $(DEMO)/delivery
	@$(BIN)/provscan scan $(DEMO)/delivery --policy netflix-2025 --out $(DEMO)/report --fail-on never
	@echo "The HTML report: $(DEMO)/report/report.html"

test: $(READY)            ## the default tests, in some seven minutes on two cores
	@$(BIN)/pytest -n auto -m "$(MARKS)" $(COVERED)

check: COVERED = --cov --cov-report=
check: MARKS = not browser and not bench and not install
check: lint types test    ## everything that has to hold before a change lands; every test, and coverage
	@mkdir -p build
	@$(BIN)/coverage report --fail-under=90 --skip-covered > build/coverage.txt || { tail -n 40 build/coverage.txt; exit 1; }
	@grep TOTAL build/coverage.txt

lint: $(READY)            ## style and import floors
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --config pyproject.toml

types: $(READY)           ## mypy, strict
	@$(BIN)/mypy

docs: $(READY)            ## write the generated pages; with Chromium the screenshots too
	@$(BIN)/python -m docs.generate
	@$(BIN)/python -m docs.screenshots

golden: $(READY)          ## rewrite golden files; review the diff
	@PROVSCAN_GOLDEN=write $(BIN)/pytest tests/scanner/reports/test_golden.py -n 0

fixtures: $(READY)        ## make every fixture into build/fixtures
	@$(BIN)/python -m fixtures.make delivery build/fixtures/delivery
	@$(BIN)/python -m fixtures.make carriers build/fixtures/carriers

browser: $(READY)         ## pages in a real browser; needs Chromium and its driver
	@$(BIN)/pytest -n 0 -m browser tests/browser

install-test: $(READY)    ## a wheel of this clone beside every Python of this machine; needs a package index
	@$(BIN)/pytest -n 0 -m install tests/install

bench: $(READY)           ## measure; CORPUS=folder measures on your own files too
	@$(BIN)/python -m tests.benchmarks $(CORPUS)

reliability: $(READY)     ## inject faults into real scans, ROUNDS times (default 5); writes docs/reliability.md
	@$(BIN)/python -m tests.reliability $(or $(ROUNDS),5)

fuzz: $(READY)            ## fuzz every parser for FUZZ seconds (default 60), guided by coverage where atheris exists
	@$(BIN)/python -m tests.hostile.fuzz $(or $(FUZZ),60)

clean:                    ## remove what was made, not the environment
	@rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=..."; exit 1; }
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV) (once; a minute or two)"
	@$(BIN)/python -m pip --quiet --disable-pip-version-check install -c constraints.txt -e '.[dev,ffmpeg]'
	@touch $(READY)
