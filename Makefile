# Adjoint: every command a developer or a newcomer needs. `make help` lists them.
#
# Needs Python 3.11 or newer with its venv module, and make; nothing else. Everything
# is installed into .venv in this folder, and again whenever pyproject.toml changes.
# Only who changes the page of reports (web/) needs Node 20 or newer, too.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -m

# Options a caller may give.
ONLY ?=
FULL ?=
ARGS ?=
JOBS ?= auto
SUITE ?=
QUICK ?=
PEERS ?=
MINUTES ?= 1

bench_options := $(if $(SUITE),--suite "$(SUITE)") $(if $(QUICK),--quick) \
	$(if $(PEERS),--peers "$(PEERS)")
laws_options := $(if $(ONLY),--laws-only=$(ONLY)) $(if $(FULL),--laws-full)
say = @printf '\n== %s\n'

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL: # two pip processes would write into one environment
.PHONY: help demo examples test check format lint types laws fuzz docs bench figures \
	web web-check clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile
	@printf '\nOptions: PYTHON=python3.12 chooses the interpreter of .venv; JOBS=0 runs the\n'
	@printf 'tests in one process; ARGS="-k vjp" goes to pytest or to the benchmarks;\n'
	@printf 'make bench SUITE=eager,fused QUICK=1 PEERS=jax,torch measures a part.\n'

demo: $(VENV)/.stamp-demo  ## exact derivatives at work, with pictures, in adjoint-demo/
	@$(BIN)/adjoint demo

examples: $(VENV)/.stamp-demo  ## networks and science in full, with pictures, in adjoint-examples/
	$(say) 'examples'
	@set -e; for script in examples/[!_]*.py; do echo "-- $$script"; \
		OPENBLAS_NUM_THREADS=1 $(BIN)/python $$script $(ARGS); done

test: $(VENV)/.stamp-test  ## the whole suite, with every example in the documentation
	$(say) 'tests, laws, examples'
	@$(RUN) pytest -n $(JOBS) $(ARGS)

check: lint types test  ## all that must hold: format, lint, types, tests, architecture
	$(say) 'all checks passed'

format: $(VENV)/.stamp-check  ## write the format, and what the linter can mend itself
	@$(RUN) ruff check --fix-only .
	@$(RUN) ruff format .

lint: $(VENV)/.stamp-check  ## format and lint, nothing written
	$(say) 'format and lint'
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .

types: $(VENV)/.stamp-check $(VENV)/.stamp-demo  ## the strict type checker on src
	$(say) 'types'
	@$(RUN) mypy

laws: $(VENV)/.stamp-test  ## the records under all modes; ONLY=sin for one, FULL=1 for every variant
	$(say) 'laws'
	@$(RUN) pytest -n $(if $(ONLY),0,$(JOBS)) tests/laws $(laws_options) $(ARGS)

fuzz: $(VENV)/.stamp-test  ## random programs that write into arrays; MINUTES=60 for an hour
	$(say) 'random programs, $(MINUTES) min'
	@PYTHONPATH=tests $(RUN) fuzz --minutes $(MINUTES) $(ARGS)

docs: $(VENV)/.stamp-docs  ## the documentation in docs/_build/html; a warning is an error
	$(say) 'documentation'
	@rm -rf docs/generated
	@$(RUN) sphinx --fail-on-warning --keep-going --nitpicky --fresh-env --quiet \
		-b html docs docs/_build/html
	@echo 'Open docs/_build/html/index.html'

bench: $(VENV)/.stamp-bench  ## speed and memory beside the peers, and the page of it
	$(say) 'benchmarks'
	@$(RUN) benchmarks $(bench_options) $(ARGS)

figures: $(VENV)/.stamp-bench  ## the figures the foundation and the clone must reach, and which they do
	$(say) 'required figures'
	@$(RUN) benchmarks.foundation $(if $(QUICK),--quick) $(ARGS)
	@$(RUN) benchmarks.clones
	@$(RUN) benchmarks.optimizers
	@$(RUN) benchmarks.rulebook

web: web/node_modules/.stamp  ## build the page of reports from web/ (Node 20; the result is committed)
	$(say) 'the page of reports'
	@web/build.sh

web-check: web/node_modules/.stamp  ## its types and tests, and that the committed page is what web/ builds to
	$(say) 'the page of reports: types, tests, build'
	@web/check.sh

clean:  ## remove .venv and everything built
	rm -rf $(VENV) web/node_modules dist docs/_build docs/generated adjoint-demo \
		adjoint-examples \
		.pytest_cache .mypy_cache .ruff_cache
	find src tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} + \
		2>/dev/null || true

# One stamp for the environment and one for each set of extras.

$(VENV)/.stamp-venv:
	@command -v $(PYTHON) >/dev/null || { echo \
		'No $(PYTHON) found. Install Python 3.11 or newer, or name it: make PYTHON=...' \
		>&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
		"Adjoint needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V)." \
		'Name a newer one: make PYTHON=python3.12 ...' >&2; exit 1; }
	$(say) 'a local environment in $(VENV) (once)'
	@$(PYTHON) -m venv --clear $(VENV) || { echo \
		'Python could not make a virtual environment; on Debian and Ubuntu its venv' \
		'module is a package of its own: apt install python3-venv' >&2; exit 1; }
	@touch $@

$(VENV)/.stamp-%: pyproject.toml $(VENV)/.stamp-venv
	$(say) 'installing Adjoint with what "$*" needs (once)'
	@$(RUN) pip install --disable-pip-version-check --editable '.[$*]'
	@touch $@

web/node_modules/.stamp: web/package.json web/package-lock.json
	@{ command -v node && command -v npm; } >/dev/null || { echo \
		'The page of reports is built with Node 20 or newer and npm, which are not' \
		'installed here. Nothing else needs them: its built files are committed.' \
		>&2; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo \
		"The page of reports needs Node 20 or newer; node is $$(node --version)." \
		>&2; exit 1; }
	$(say) 'installing esbuild and typescript into web/node_modules (once)'
	@cd web && npm ci --no-audit --no-fund || { echo \
		'npm could not install what web/package-lock.json names. If its registry' \
		'cannot be reached, set one: npm config set registry https://...' \
		>&2; exit 1; }
	@touch $@
