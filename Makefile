# Everything happens in .venv, made on first use. PYTHON chooses another interpreter (3.11 or later).
PYTHON ?= python3
BIN := .venv/bin
SINCE_INSTALL := .venv/installed

.PHONY: run test slow fuzz check bench page clean

run: $(SINCE_INSTALL)
	$(BIN)/harness run --task layerwise --seeds 3

test: $(SINCE_INSTALL)
	$(BIN)/python -m pytest -q

slow: $(SINCE_INSTALL)
	$(BIN)/python -m pytest -q -m slow

# RUNS inputs for each reader of untrusted bytes; atheris runs on Linux and macOS.
RUNS ?= 200000
fuzz: $(SINCE_INSTALL)
	$(BIN)/pip install -q -e ".[fuzz]" -c constraints.txt
	for target in header shapes file frame source package; do \
		$(BIN)/python -m tests.fuzz $$target -runs=$(RUNS) -verbosity=0 || exit 1; done

check: $(SINCE_INSTALL)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(SINCE_INSTALL)
	$(BIN)/asv machine --yes
	$(BIN)/asv run -E existing:$(CURDIR)/$(BIN)/python --set-commit-hash $$(git rev-parse HEAD) $(BENCH)

page: $(SINCE_INSTALL)
	$(BIN)/harness leaderboard --task layerwise

clean:
	rm -rf .venv

$(SINCE_INSTALL): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -e ".[dev]" -c constraints.txt
	touch $@
