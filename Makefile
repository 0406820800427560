# make demo    sets everything up, then runs the station on the bundled recording, with a PLC that is a program;
#              the page is http://127.0.0.1:8000
# make test    sets everything up, then lints, checks types and runs the tests
# make results measures every method and writes docs/results.md; with internet once, on every method's own backbone
# make setup   only sets everything up, in .venv
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint results setup

demo: setup
	@$(BIN)/inspector check -c demo.yaml
	@$(BIN)/python -m tools.fake_plc --beside $(BIN)/inspector run -c demo.yaml

test: lint  # in two processes: half of the time a test waits; those of one file stay together
	$(BIN)/pytest -n 2 --dist loadfile --ignore tests/viewer
	$(BIN)/pytest tests/viewer  # alone: beside another test a browser has shown nothing new for 15 s

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

results: setup  # DATA=<folder>: instead of MVTec AD bottle, or of the bundled recording where that is not there
	$(BIN)/python -m tools.compare $(if $(DATA),--data $(DATA))

setup: .venv/.installed

.venv/.installed: pyproject.toml constraints.txt
	@command -v $(PYTHON) > /dev/null || { echo "missing: $(PYTHON); apt install python3 python3-venv" >&2; exit 1; }
	@opencv=$$($(PYTHON) tools/preflight.py) || exit 1; \
	echo "Setting up .venv, once: 6 GB, a few minutes, most of them for torch"; \
	$(PYTHON) -m venv .venv && \
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e ".[dev,$$opencv]" && \
	touch $@
