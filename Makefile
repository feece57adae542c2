# make run      set everything up and do the main job on the sample shot (a window, or headless without a display)
# make test     set everything up and run all checks
# make quick    the same without the walks over real pictures, which take minutes
# make install  only the virtual environment
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SETUP  := resources/setup
PYTEST := QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -q
MARKED :=

.PHONY: install run test quick lint types contracts tests tests-engine tests-window tests-faults tests-walks proto clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt $(SETUP)/system_packages.sh $(SETUP)/make_venv.sh
	@sh $(SETUP)/system_packages.sh "$(PYTHON)"
	@sh $(SETUP)/make_venv.sh "$(PYTHON)" "$(VENV)"
	@touch $@

run: install
	@sh $(SETUP)/run.sh $(BIN)/penumbra

test: lint types contracts tests

quick: install
	$(MAKE) --no-print-directory lint types contracts tests MARKED="-m 'not slow'"

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

contracts: install
	$(BIN)/lint-imports

# On machines that lack things: the floor without Qt and torch, the engine without Qt, the window without torch; the walks
# have everything. Two at once.
tests: install
	$(MAKE) --no-print-directory -j2 --output-sync=target tests-engine tests-window
	$(MAKE) --no-print-directory -j2 --output-sync=target tests-faults tests-walks

tests-engine: install
	PENUMBRA_WITHOUT=PySide6,pyqtgraph,torch $(PYTEST) -p no:pytest-qt tests/core
	PENUMBRA_WITHOUT=PySide6,pyqtgraph $(PYTEST) -p no:pytest-qt tests/inference

tests-window: install
	PENUMBRA_WITHOUT=torch $(PYTEST) tests/widgets tests/app

FAULTS := $(wildcard tests/walks/test_faults_*.py) tests/walks/test_learning.py

tests-faults: install
	$(PYTEST) $(MARKED) $(FAULTS)

tests-walks: install
	$(PYTEST) $(MARKED) $(filter-out $(FAULTS),$(wildcard tests/walks/test_*.py))

proto: install
	$(BIN)/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. --grpc_python_out=. inference/contract/penumbra.proto

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
