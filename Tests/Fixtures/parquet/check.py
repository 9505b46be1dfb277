#!/usr/bin/env python3
"""Reads with pyarrow and DuckDB what ParquetWriterTests left in a folder (HIVEQL_TEST_PARQUET_OUTPUT), and compares it with the
.expected files here: NAME+VARIANT.parquet holds the rows of NAME.expected."""
import glob
import os
import re
import sys

import duckdb
import pyarrow.parquet as pq

import make


def rows(table):
    columns = [make.values(table.column(i)) for i in range(table.num_columns)]
    return ["\t".join(make.text(v, t) for v, t in zip(row, table.schema.types)) for row in zip(*columns)]


def micros(line):
    """Timestamps without what a microsecond does not hold."""
    return re.sub(r"(-?\d+):(\d+)(?=\t|$)", lambda m: f"{m[1]}:{int(m[2]) // 1000 * 1000}", line)


failed = 0
files = sorted(glob.glob(os.path.join(sys.argv[1], "*+*.parquet")))
for path in files:
    name = os.path.basename(path).split("+")[0]
    with open(f"{make.HERE}/{name}.expected") as f:
        expected = [micros(line) for line in f.read().split("\n")[1:-1]]
    connection = duckdb.connect()
    connection.execute("set timezone='UTC'")
    readers = {
        "pyarrow": lambda: pq.read_table(path, coerce_int96_timestamp_unit="us", page_checksum_verification=True),
        "duckdb": lambda: connection.sql(f"select * from '{path}'").to_arrow_table(),
    }
    for reader, read in readers.items():
        found = [micros(line) for line in rows(read())]
        if found != expected:
            failed += 1
            at = next((i for i, (a, b) in enumerate(zip(found, expected)) if a != b), min(len(found), len(expected)))
            print(f"{path}, {reader}, row {at}:\n  {found[at:at + 1]}\n  {expected[at:at + 1]}")
print(f"{len(files)} files read by pyarrow and DuckDB, {failed} differences")
sys.exit(failed > 0)
