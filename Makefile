# `make grade` and `make test` set everything up first; the rest is in the README.

VENV ?= .venv
JAIL := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))grader/sandbox/jail.py
BIN := $(VENV)/bin
# Prefer Python 3.11, as in Gradescope's container.  Workers give up root's rights: first look for an interpreter that other
# users can read, not one in root's home.
PYTHON ?= $(shell for p in /usr/bin/python3.11 /usr/bin/python3.12 /usr/bin/python3.13 python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)

.PHONY: setup way grade test checked-and-tested kit-tests samples test-all lint stubs record handout autograder rehearse audit generic naming prove full attack fuzz parity calibrate bench bench-peers map results clean

setup: $(VENV)/.complete

# As root on a machine that allows no jails, submissions run as another user, who must be able to enter the kit's folder:
# root's home is often closed.
way:
	@if [ "$$(id -u)" = 0 ] && [ "$$(uname -s)" = Linux ] && ! $(PYTHON) -I -S $(JAIL) 2>/dev/null; then \
		folder="$(CURDIR)"; \
		while :; do \
			case "$$(stat -c %A "$$folder")" in \
				*[xt]) ;; \
				*) echo "Submissions run as another user than root, and $$folder is closed to other users: move the kit to a" \
					"folder that all users can enter, such as /opt, and run make setup there."; exit 1 ;; \
			esac; \
			[ "$$folder" = / ] && break; \
			folder="$$(dirname "$$folder")"; \
		done; \
	fi

$(VENV)/.complete: requirements.txt grader/staff/requirements.txt setup.py | way
	@test -n "$(PYTHON)" || { echo "No Python 3.11 to 3.13 with venv was found: install one, or say make PYTHON=/path/to/python."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r grader/staff/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Grade the example submissions: the reference, the untouched stubs, and a first try with mistakes.
grade: setup
	@rm -rf build/solution
	$(BIN)/grader solution build/solution
	$(BIN)/grader grade build/solution src grader/staff/examples/first_try --out build/grades

# One more than there are processors: tests wait for the processes that they start.
TEST_PROCESSES ?= $(shell $(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 1)')

# At most eight minutes on two processors.
test: setup
	@$(MAKE) --no-print-directory --jobs 2 checked-and-tested samples

checked-and-tested: lint
	$(BIN)/grader stubs --check
	@$(MAKE) --no-print-directory kit-tests

# One of so many slow tests runs, others each day.
SLOW_SHARE ?= 12
kit-tests: setup
	$(BIN)/python -m pytest grader/staff/tests -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder --slow-share $(SLOW_SHARE)

# The audit tries the mutants of the exercises whose files differ from those of the last whole audit (make prove), and a sample of
# the others that changes with the date. What it prints comes at the end, because the tests print at the same time.
SAMPLES = build/samples.log
samples: setup
	@mkdir -p build
	@echo "Beside the tests: samples of the audits and of naming, written to $(SAMPLES)."
	@$(BIN)/grader audit --sample --json build/audit.json > $(SAMPLES) 2>&1 && \
		$(BIN)/grader audit --generic --sample >> $(SAMPLES) 2>&1 && \
		$(BIN)/grader naming --sample >> $(SAMPLES) 2>&1; \
		status=$$?; echo; cat $(SAMPLES); exit $$status

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Which package imports which, in the order of the layers; also written into grader/staff/docs/MAINTAINERS.md.
map: setup
	$(BIN)/grader map

# Generate src/ from the reference, and record what the reference answers for students' machines.
stubs: setup
	$(BIN)/grader stubs

record: setup
	$(BIN)/grader record

# What students get: a folder, and a zip beside it. For a course with several assignments:  make handout ASSIGNMENT=FILE
OUT ?= build/handout
ASSIGNMENT ?=
CHOSEN = $(if $(ASSIGNMENT),--assignment $(ASSIGNMENT))
handout: setup
	$(BIN)/grader handout $(OUT) $(CHOSEN)

# Every known mistake must lose points and be named, and every correct style must keep all points.
audit: setup
	$(BIN)/grader audit

# Mistakes that nobody chose: each must lose points, or be excused. Before `make audit`, which writes its figures into AUDIT.md.
generic: setup
	$(BIN)/grader audit --generic

# Two or three mistakes in one function: are those named that are there?
naming: setup
	$(BIN)/grader naming

# All of the kit's tests, the slow ones too.
test-all: setup
	$(BIN)/python -m pytest grader/staff/tests -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

# Everything that shows that the checks are right and the grader is safe, before a release: as root on Linux, two hours.
prove: test-all audit generic naming parity fuzz attack

# Measure the thresholds of all checks, for the data in use (DATA_DIR); takes an hour or more.
calibrate: setup
	$(BIN)/grader calibrate --plot build/thresholds

# Train the reference with the whole budget, on all of MNIST (in DATA_DIR), and print its figures next to those of the homework
# texts that the exercises come from.
full: setup
	@rm -rf build/solution
	$(BIN)/grader solution build/solution
	$(BIN)/python -m pytest tests grader/staff/exercises --submission build/solution --full

# Try every attack on the grader, in a jail and as in a container, as root on Linux (minutes).
attack: setup
	$(BIN)/grader attack

# Break submissions at random, a thousand times: each must end in a valid results.json.
fuzz: setup
	$(BIN)/grader fuzz

# The visible part of a score must be the same from pytest, grader check, grader grade and Gradescope's container.
parity: setup
	$(BIN)/grader parity

bench-peers: setup
	$(BIN)/grader bench-peers

bench: setup
	$(BIN)/grader bench

# Write grader/staff/docs/RESULTS.md: what the experiments gave, next to the course documents. To run some of them first:
# make results RUN="fashion vgg --budget documents --data DIR"
RUN ?=
results: setup
	$(BIN)/grader results $(RUN)

# What a teacher uploads to Gradescope.
autograder: setup
	@mkdir -p build
	$(BIN)/grader autograder build/autograder.zip $(CHOSEN)

# Try that zip in a fresh Debian with Gradescope's limits (Linux, as root, with debootstrap; ten minutes).
rehearse: setup
	$(BIN)/grader rehearse --full

clean:
	rm -rf build $(VENV) *.egg-info .mypy_cache .ruff_cache .hypothesis
