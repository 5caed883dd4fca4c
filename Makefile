# Each target sets up what it needs: Python 3.11 or newer, make and a package index are all that must be there.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
READY := .venv/ready
LONG_FUZZ_S ?= 600

# Tools for releases, each in an environment of its own: their pins do not fit ours.
TOOLS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ksbb-tools
UV := $(TOOLS)/uv@0.13.8
SBOM := $(TOOLS)/cyclonedx-bom@7.5.0
AUDIT := $(TOOLS)/pip-audit@2.10.1
COMPILE = $(UV)/bin/uv pip compile --quiet --no-config --upgrade --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock' --python-version 3.11 --python-platform x86_64-unknown-linux-gnu

.PHONY: demo test test-ckan check test-long fuzz bench bench-edge bench-events bench-flood bench-hostile \
	bench-publish lock sbom audit-dependencies

demo: $(READY)  ## a synthetic city and its API on http://127.0.0.1:8000 (KSBB_PORT, KSBB_DATA_DIR)
	@exec .venv/bin/ksbb demo

test: check  ## everything a change must pass; PYTEST_ARGS="tests/schema" for a part of it
	.venv/bin/pytest $(PYTEST_ARGS)

test-ckan: $(READY)  ## publishing to a real CKAN, which the first run installs in ~/.cache/ksbb-ckan (KSBB_CKAN_DIR)
	.venv/bin/pytest -m ckan $(PYTEST_ARGS)

check: $(READY)  ## what needs no database
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

test-long: check  ## kills, sequences, races and sockets at full number
	TEST_LONG=1 .venv/bin/pytest

fuzz: $(READY)  ## the differential fuzzer for LONG_FUZZ_S seconds
	FUZZ_SECONDS=$(LONG_FUZZ_S) .venv/bin/pytest -m fuzz

bench: $(READY)  ## writes bench/results/read.json
	.venv/bin/python -m bench.read

bench-publish: $(READY)  ## releases of 10,000 to 1,000,000 recipients; writes bench/results/publish.json
	.venv/bin/python -m bench.publish

bench-edge: $(READY)  ## reads beside the last commit without costs, rates and audit; writes bench/results/edge.json
	.venv/bin/python -m bench.edge

bench-hostile: $(READY)  ## what hostile documents cost; writes bench/results/hostile.json
	.venv/bin/python -m bench.hostile

bench-flood: $(READY)  ## a caller beside slow and hostile ones; writes bench/results/flood.json
	.venv/bin/python -m bench.flood

bench-events: $(READY)  ## fan-out to 1,000 and 5,000 subscribers; writes bench/results/events.json
	.venv/bin/python -m bench.events

lock: $(UV)/ready  ## renews requirements.lock and build.lock: what an image is made of, by version and hash
	$(COMPILE) --extra s3 --extra nats --extra redis --extra otel -o requirements.lock pyproject.toml >/dev/null
	echo setuptools | $(COMPILE) --constraints requirements.lock -o build.lock - >/dev/null

sbom: $(SBOM)/ready  ## build/sbom.json: the locked packages as CycloneDX, checked against its schema
	@mkdir -p build
	$(SBOM)/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --validate \
		-o build/sbom.json requirements.lock

audit-dependencies: $(AUDIT)/ready  ## known vulnerabilities of the locked packages; AUDIT_ARGS are for pip-audit
	@"$(PYTHON)" deploy/audit_dependencies.py $(AUDIT)/bin/pip-audit $(AUDIT_ARGS)

$(TOOLS)/%/ready:
	@"$(PYTHON)" -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check '$(subst @,==,$*)'
	@touch $@

$(READY): pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is" \
		"needed. Install it, or say where it is: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@.venv/bin/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv || { echo "$(PYTHON) cannot make a virtual" \
		"environment. On Debian and Ubuntu its package python3-venv is missing." >&2; exit 1; }
	.venv/bin/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
