# The two commands:  make run   make test          (and: make help)

SHELL = /bin/sh
PYTHON = .venv/bin/python
JOBS = 2
ARGS =
DIR = world
ROUNDS = 10
SECONDS = 60

help:
	@echo "make run        serve an embedded world from ./$(DIR) (ARGS='--world-port 8086' adds flags)"
	@echo "make test       tests, lint, types, packaging, C under sanitizers: what every change must pass"
	@echo "make test-all   the same for every Python here, and all tests under sanitizers (tox)"
	@echo "make bench      the numbers, against their budgets"
	@echo "make bench-crowd  10 000 players over UDP (ARGS='--players 2000 --seconds 10 --trial' for a trial)"
	@echo "make bench-replay  a minute of 1 000 players over UDP, journaled and run again with 1 and 2 threads"
	@echo "make bench-journal  ten minutes of 200 bots on MariaDB, journaled and run again in another checkout (ARGS=--trial)"
	@echo "make docs       docs/_build/index.html"
	@echo "make dissector  whether tshark reads conversations through build/bluemarble.lua (installs tshark)"
	@echo "make fuzz       property tests with new inputs, ROUNDS=$(ROUNDS) times"
	@echo "make fuzz-native  the C parsers with new inputs, SECONDS=$(SECONDS) each (installs clang)"
	@echo "make format     lay the sources out as ruff wants them"
	@echo "make clean      forget everything that was built"

run:
	@bin/setup run
	@exec .venv/bin/bluemarble run $(ARGS) $(DIR)

test:
	@bin/setup test
	@$(MAKE) --no-print-directory check-lint check-types check-tests check-sanitized check-threads check-packaging
	@echo "make test: all passed"

# pyenv's shims hide the interpreters behind them: tox is told where those are.
test-all:
	@bin/setup test
	@found=$$(ls -d "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.1[1-9].*/bin/python 2>/dev/null); \
	.venv/bin/tox run $${found:+--discover $$found} $(ARGS)

# What one job does, here and in tox.ini's environments; PYTHON has everything installed.
check-lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

check-types:
	$(PYTHON) -m mypy
	$(PYTHON) tests/typing/check.py

check-tests:
	$(PYTHON) -m pytest -q -n $(JOBS) --dist loadfile $(ARGS)

check-sanitized: check-corpora
	PYTHON=$(PYTHON) bin/sanitized -q -m native $(ARGS)

check-sanitized-all:
	PYTHON=$(PYTHON) bin/sanitized -q $(ARGS)

# What the fuzzer found, once more.
check-corpora:
	$(MAKE) --no-print-directory -j $(JOBS) -f tests/fuzz/Makefile replay

# Programs of the C sources alone, each built for the thread sanitizer: it knows nothing of Python's threads.
# Only libcrypto, which it cannot see into, is trusted.
RACES = -std=c11 -O1 -g -fsanitize=thread -Wall -Wextra -Werror -Icffi_build
check-threads:
	@mkdir -p build/threads
	gcc $(RACES) tests/threads/ring.c cffi_build/ring.c -lpthread -o build/threads/ring
	gcc $(RACES) tests/threads/pump.c cffi_build/ring.c cffi_build/pump*.c cffi_build/link*.c \
	    cffi_build/sealing*.c -lcrypto -lpthread -o build/threads/pump
	gcc $(RACES) tests/threads/field.c cffi_build/field*.c cffi_build/pieces.c cffi_build/workers.c cffi_build/interest*.c \
	    -lcrypto -lpthread -lm -o build/threads/field
	gcc $(RACES) tests/threads/world.c cffi_build/feed*.c cffi_build/pieces.c cffi_build/words.c cffi_build/deltas.c \
	    cffi_build/history.c cffi_build/field*.c cffi_build/workers.c cffi_build/interest*.c cffi_build/pump*.c \
	    cffi_build/ring.c cffi_build/link*.c cffi_build/sealing*.c -lcrypto -lpthread -lm -o build/threads/world
	TSAN_OPTIONS=halt_on_error=1 build/threads/ring
	TSAN_OPTIONS=halt_on_error=1 build/threads/pump
	TSAN_OPTIONS=halt_on_error=1 build/threads/field
	TSAN_OPTIONS=halt_on_error=1 build/threads/world

check-packaging:
	PYTHON=$(PYTHON) bin/packaged

bench:
	@bin/setup test
	$(PYTHON) bench/interest.py
	$(PYTHON) bench/field.py
	$(PYTHON) bench/feed.py
	$(PYTHON) -m bench $(ARGS)

bench-crowd:
	@bin/setup bench
	$(PYTHON) -m bench.crowd $(if $(ARGS),$(ARGS),--sweep)

bench-replay:
	@bin/setup test
	$(PYTHON) -m bench.replay $(ARGS)

bench-journal:
	@bin/setup test
	$(PYTHON) -m bench.journal $(ARGS)

docs:
	@bin/setup docs
	$(PYTHON) -m bluemarble.tools.packetdocs
	$(PYTHON) -m sphinx -q -W -b html docs docs/_build

dissector:
	@bin/setup dissector
	$(PYTHON) -m bluemarble.tools.packetdocs
	$(PYTHON) tests/wireshark/check.py

fuzz:
	@bin/setup test
	@set -e; i=0; while [ $$i -lt $(ROUNDS) ]; do i=$$((i + 1)); \
	    $(PYTHON) -m pytest -q -n $(JOBS) --hypothesis-profile=fuzz tests/property; done

fuzz-native:
	@bin/setup fuzz
	$(MAKE) --no-print-directory -j $(JOBS) -f tests/fuzz/Makefile run SECONDS=$(SECONDS)

native:
	$(PYTHON) cffi_build/build_native.py

format:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

clean:
	rm -rf .venv .tox build dist docs/_build *.egg-info bluemarble/native/_core.*.so
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis twisted/plugins/dropin.cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

.PHONY: help run test test-all bench bench-crowd bench-replay bench-journal docs dissector fuzz fuzz-native native format clean \
	check-lint check-types check-tests check-sanitized check-sanitized-all check-corpora check-threads check-packaging
