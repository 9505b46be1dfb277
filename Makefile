# hiveql: `make demo` shows the product at work, `make test` passes the tests. Both install the C libraries they lack.

SWIFT ?= swift
SCRATCH ?= .build
# Types of generics are found by functions that the compiler writes, instead of names that the run-time library has to read:
# a fifth of a short query's time.
BUILD = $(SWIFT) build -c release --scratch-path $(SCRATCH) -Xswiftc -Xfrontend \
  -Xswiftc -disable-concrete-type-metadata-mangled-name-accessors
# SwiftPM links the program to Swift's shared libraries whenever it builds; this makes it stand alone.
LINK = SWIFT=$(SWIFT) .ci/link-statically "$$($(BUILD) --show-bin-path)"
# Trips in the demo's data, and the part of them that the learners see.
DEMO_ROWS ?= 200000
DEMO_SAMPLE ?= 0.2
# How long `make break` tries, and what its random numbers begin with; PART and TRIAL try one thing again.
BREAK_SECONDS ?= 540
SEED ?= 1
# `make interop`: files of each writer and format; the Python that has pyarrow, duckdb and fastavro
# (`make peers`: scikit-learn, xgboost, pyspark and onnxruntime).
FILES ?= 60
PYTHON ?= python3
# `make bench`: trips, runs of each query; PEERS=python times DuckDB beside, where that Python has it.
BENCH_ROWS ?= 2000000
BENCH_ROUNDS ?= 3
# `make mutations`: damaged files of each format.
N ?= 20000

.PHONY: all build test test-sanitized break interop peers bench mutations demo install-libraries check clean

all: build

build: install-libraries
	$(BUILD) --product hiveql
	@$(LINK)

# Release, because the kernels are a hundred times slower without optimization; the tests use no @testable import, so
# the same build serves the demo.
test: build
	$(BUILD) --build-tests
	@$(LINK)
	$(SWIFT) test -c release --scratch-path $(SCRATCH) --skip-build

# Optimized with assertions: once with addresses and C's undefined behaviour watched, once with threads.
test-sanitized: install-libraries
	.ci/test-sanitized

# Fuzzers of statements, functions and files, and kills and losses of power at any moment; two processes at a time.
break: build
	$(BUILD) --build-tests
	@$(LINK)
	@SWIFT="$(SWIFT)" SCRATCH="$(SCRATCH)" Tests/break $(BREAK_SECONDS) $(SEED) $(PART) $(TRIAL)

# Files of other programs read here, and files of hiveql read by them; HIVE and SPARK name commands that run statements.
interop: build
	$(PYTHON) Tests/Interop/interop "$$($(BUILD) --show-bin-path)/hiveql" --seed $(SEED) --files $(FILES)
	$(PYTHON) Tests/Interop/exports "$$($(BUILD) --show-bin-path)/hiveql" --seed $(SEED)

# The learners against scikit-learn, XGBoost and Spark ML on the same rows.
peers: build
	$(PYTHON) Tests/Peers/learners.py "$$($(BUILD) --show-bin-path)/hiveql"
	$(PYTHON) Tests/Peers/spark-ml.py "$$($(BUILD) --show-bin-path)/hiveql"
	$(PYTHON) Tests/Peers/calibration.py "$$($(BUILD) --show-bin-path)/hiveql"
	$(PYTHON) Tests/Peers/models.py "$$($(BUILD) --show-bin-path)/hiveql"

# Times of twenty queries over taxi tables of text, beside those of the last time.
bench: build
	@warehouse/bench/run "$$($(BUILD) --show-bin-path)/hiveql" $(BENCH_ROWS) $(BENCH_ROUNDS)

# N damaged files of each format: an error with the file's name, or rows; no trap, no hang.
mutations: build
	$(BUILD) --build-tests
	@$(LINK)
	HIVEQL_TEST_MUTATIONS=$(N) $(SWIFT) test -c release --scratch-path $(SCRATCH) --skip-build \
	  --filter "MutationTests|damagedFiles|mutatedFiles"

demo: build
	warehouse/demo "$$($(BUILD) --show-bin-path)/hiveql" $(DEMO_ROWS) $(DEMO_SAMPLE)

check:
	.ci/check-imports

install-libraries:
	@.ci/install-libraries

clean:
	rm -rf $(SCRATCH) warehouse/taxi
