# make demo: the sample county's month, from nothing.   make test: all tests.   make check: style, types, imports, spelling.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: demo test check bench messages sample clean

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "jiedui needs Python 3.11 or later; call make PYTHON=python3.11, for example")'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.tools: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[test,check]'
	@touch $@ $(VENV)/.installed

demo: $(VENV)/.installed
	@test ! -e demo || { echo "There is a folder demo already. Move it away, or delete it, and call make demo again."; exit 1; }
	$(BIN)/jiedui init demo --sample
	$(BIN)/jiedui match demo/2008-07 --out demo/run

test: $(VENV)/.tools
	$(BIN)/python -m pytest --numprocesses=auto

check: $(VENV)/.tools
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell README.md CHANGELOG.md CONTRIBUTING.md docs matcher cli.py tests benchmarks data
	$(BIN)/python -m tools.messages --check

bench: $(VENV)/.tools
	$(PIP) --editable '.[bench]'
	$(BIN)/python -m benchmarks

messages: $(VENV)/.tools
	$(BIN)/python -m tools.messages

sample: $(VENV)/.installed
	$(BIN)/python data/generate.py data/sample --size sample

clean:
	rm -rf $(VENV) demo build dist *.egg-info
