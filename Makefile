# make run      set everything up and do the main job on the sample shot (a window, or headless without a display)
# make test     set everything up and run all checks
# make install  only the virtual environment
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test install system lint types contracts tests clean proto

install: $(VENV)/.installed

system:
	@sh resources/setup/system_packages.sh

$(VENV)/.installed: pyproject.toml constraints.txt resources/setup/system_packages.sh
	@sh resources/setup/system_packages.sh
	@sh resources/setup/make_venv.sh "$(PYTHON)" "$(VENV)"
	@touch $@

run: install
	@sh resources/setup/run.sh $(BIN)/penumbra demo

test: install lint types contracts tests

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

contracts: install
	$(BIN)/lint-imports

# The same tests under three floors: no Qt at all, no torch at all, and everything.
tests: install
	PENUMBRA_WITHOUT=PySide6,pyqtgraph $(BIN)/pytest tests/core tests/inference
	PENUMBRA_WITHOUT=torch QT_QPA_PLATFORM=offscreen $(BIN)/pytest tests/core tests/widgets tests/app
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest tests/walks

proto: install
	$(BIN)/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. --grpc_python_out=. inference/contract/penumbra.proto

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
