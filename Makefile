# The two commands are `make demo` and `make test`; each does all the set-up that is still missing.
PYTHON ?= python3
BIN := .venv/bin
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard portal/translations/*/LC_MESSAGES/messages.po))

.PHONY: demo test quick figures torture check fix catalogues messages system clean

demo: .venv/ready $(CATALOGUES) | system
	$(BIN)/portal demo

test: .venv/ready $(CATALOGUES) | system
	sh tests/run

quick: .venv/ready $(CATALOGUES)
	sh tests/quick

figures: .venv/ready $(CATALOGUES) | system
	$(BIN)/python -m pytest tests/benchmarks --figures -s -p no:xdist

torture: .venv/ready $(CATALOGUES) | system
	$(BIN)/python -m pytest tests/torture --torture -s -p no:xdist

check: .venv/ready
	$(BIN)/ruff check portal tests migrations
	$(BIN)/ruff format --check portal tests
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

fix: .venv/ready
	$(BIN)/ruff check --fix portal tests migrations
	$(BIN)/ruff format portal tests

system:
	@sh .ci/system

.venv/ready: requirements.lock pyproject.toml | system
	@echo "Building the environment from requirements.lock: one or two minutes, once."
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

catalogues: $(CATALOGUES)

%.mo: %.po .venv/ready
	$(BIN)/pybabel compile -i $< -o $@

messages: .venv/ready
	$(BIN)/pybabel -q extract -F babel.cfg -k _l -k N_ -k zh -k en -k both --no-location --sort-output --no-wrap -o messages.pot .
	$(BIN)/pybabel -q update -i messages.pot -d portal/translations --no-fuzzy-matching --no-wrap --ignore-pot-creation-date
	rm messages.pot

clean:
	rm -rf .venv var
