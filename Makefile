# Every target sets itself up: all it takes is Python >= 3.11 with venv, make, and for `image` docker or podman.
#   make demo SCENARIO=passing      make test PYTEST_ARGS="-k verdict"      make image ENGINE=podman
# Written for GNU make 3.81 and a POSIX shell: that is what macOS brings.

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev

# Wheels whose hashes are known, and nothing that runs code of a package while it is installed.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all:
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

SCENARIO ?= failing
# What the gate says to each scenario of the demo.
EXIT_passing := 0
EXIT_flaky := 0
EXIT_outage := 0
EXIT_slow := 0
EXIT_failing := 1
EXIT_empty := 6
# Tests are flaky only where they are given another try.
INPUTS_flaky := TESTGATE_RERUN_FAILED=2

IMAGE ?= localhost/testgate:latest
# More arguments for the build, for example a certificate of a proxy: `-v /etc/ssl/certs/ca.crt:/etc/ssl/certs/ca.crt:ro`.
IMAGE_BUILD_FLAGS ?=
PYTEST_ARGS ?=
SEEDS ?= 5000

.DELETE_ON_ERROR:
.PHONY: help demo test faults check format lock docs image bench soak sbom clean

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1~\2/p' Makefile | awk -F '~' '{ printf "%-16s%s\n", $$1, $$2 }'

demo: $(RUNTIME) ## run the gate against the embedded simulator: no account, no network
	@[ -n "$(EXIT_$(SCENARIO))" ] || { echo "no scenario $(SCENARIO): passing, failing, flaky, outage, empty or slow" >&2; exit 2; }
	@code=0; env -i PATH="$$PATH" TESTGATE_DEMO=true TESTGATE_DEMO_SCENARIO=$(SCENARIO) $(INPUTS_$(SCENARIO)) \
		$(BIN)/python -I entrypoint.py || code=$$?; \
	echo; echo "The gate's exit code: $$code. Its reports are in testgate-report/."; \
	[ $$code -eq $(EXIT_$(SCENARIO)) ] || { echo "The scenario $(SCENARIO) was to give $(EXIT_$(SCENARIO))." >&2; exit 1; }

# Many tests wait for a server: more workers than cores, and whoever is done takes over from the others.
test: $(DEV) ## run the tests, with coverage by branch
	@$(BIN)/python -m pytest -n 4 --dist worksteal --cov $(PYTEST_ARGS)

faults: $(DEV) ## play every fault at every endpoint; writes docs/reliability.md
	@PYTHONPATH=src $(BIN)/python -m tests.faults.table

check: $(DEV) ## formats, lint, types, layers, documents, CI files
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh .ci/check-files

format: $(DEV) ## write the code as the formatter has it, and mend what can be mended
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock: $(DEV) ## pin what pyproject.toml asks for; make lock UPGRADE=--upgrade for the newest
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade uv
	$(COMPILE) $(UPGRADE) pyproject.toml -o requirements.txt >/dev/null
	$(COMPILE) $(UPGRADE) -c requirements.txt pyproject.toml --group dev -o requirements-dev.txt >/dev/null

docs: $(DEV) ## write what is generated: action.yml, tables of the README
	$(BIN)/python docs/generate.py

image: $(RUNTIME) ## build the container image and try it, with docker or podman
	@engine="$(ENGINE)"; \
	for name in docker podman; do [ -n "$$engine" ] || ! $$name info >/dev/null 2>&1 || engine=$$name; done; \
	[ -n "$$engine" ] || { echo "neither docker nor podman works here: install one, or start its daemon" >&2; exit 1; }; \
	$$engine build $(IMAGE_BUILD_FLAGS) -t $(IMAGE) . && $(BIN)/python tests/image/smoke.py $$engine $(IMAGE)

bench: $(DEV) ## measure the start and a small run
	@$(BIN)/python bench/startup.py
	@PYTHONPATH=src $(BIN)/python bench/small_run.py

soak: $(DEV) ## play thousands of runs with random faults on a simulated clock; make soak SEED=17 for one, with its log
	@PYTHONPATH=src $(BIN)/python -m tests.soak $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

sbom: $(DEV) ## list what the image holds beside its base, in CycloneDX form
	$(BIN)/cyclonedx-py requirements requirements.txt --output-reproducible --of JSON -o testgate-sbom.cdx.json

clean: ## remove what the other targets made
	rm -rf $(VENV) .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache htmlcov build dist testgate-report testgate-report-*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): requirements.txt
	@$(environment)
	@echo "Installing what TestGate needs" && $(INSTALL) -r requirements.txt && touch $@

$(DEV): requirements-dev.txt
	@$(environment)
	@echo "Installing what developing TestGate needs" && $(INSTALL) -r requirements-dev.txt && touch $@

# A virtual environment, unless one works. A Python is taken when it runs and can make one: names on PATH may be shims
# of a version manager that only print an error, and distributions split venv off.
define environment
$(BIN)/python -m pip --version >/dev/null 2>&1 && exit 0; \
for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	echo "Making $(VENV) with $$(command -v "$$python")"; \
	exec "$$python" -m venv --clear $(VENV); \
done; \
echo "TestGate needs Python 3.11 or newer with venv, and found none (tried: $(or $(PYTHON),python3.13 python3.12 python3.11 python3))." >&2; \
echo "Install it (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python), or say where it is: make PYTHON=/path/to/python3" >&2; \
exit 1
endef
