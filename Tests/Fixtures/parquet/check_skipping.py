#!/usr/bin/env python3
"""Lets pyarrow and DuckDB read what ParquetSkippingTests left in a folder (HIVEQL_TEST_SKIPPING_OUTPUT): indexes of pages and bloom
filters must be there, and conditions must find the rows that are found without them. Writes spark.sql beside the files, which
counts rows of the Parquet files twice, with what Spark pushes down to them and without: its two columns must be equal."""
import glob
import math
import os
import random
import sys

import duckdb
import pyarrow.orc
import pyarrow.parquet as pq

folder = sys.argv[1]
rng = random.Random(1)
failed = checked = 0
queries = []


def fail(text):
    global failed
    failed += 1
    print(text)


def literal(value, column):
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return {"day": f"date '{value}'", "moment": f"timestamp '{value}'", "single": f"cast({value!r} as float)",
            "double": f"cast({value!r} as double)"}.get(column, str(value))


for path in sorted(glob.glob(f"{folder}/*.parquet")):
    metadata = pq.ParquetFile(path).metadata
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(number)
            name = chunk.path_in_schema
            if not chunk.has_offset_index:
                fail(f"{path}: {name} has no offset index")
            if not chunk.has_column_index and name not in ("double", "single", "moment"):
                fail(f"{path}: {name} has no column index")
            if (chunk.bloom_filter_offset is None) != (name in ("tiny", "flag")):
                fail(f"{path}: the bloom filter of {name}")
    table = pq.read_table(path, coerce_int96_timestamp_unit="us")
    connection = duckdb.connect()
    for column in table.column_names[:-1]:
        if column in ("tiny", "flag"):
            continue
        values = [v for v in table.column(column).to_pylist() if v is not None and v == v]
        for value in rng.sample(values, 8) + rng.sample(values, 2):
            checked += 1
            if column not in ("moment", "money"):
                text = literal(value, column)
                rows = connection.sql(f"select * from parquet_bloom_probe('{path}', '{column}', {text})").fetchall()
                stated = connection.sql(f"select count(*) from '{path}' where \"{column}\" = {text}").fetchall()[0][0]
                if stated != values.count(value):
                    fail(f"{path}: DuckDB finds {stated} rows with {column} = {value}, not {values.count(value)}")
                if rows and all(row[-1] for row in rows):
                    fail(f"{path}: {column} = {value} is in no bloom filter")
            for operation in ("=", "<", ">="):
                queries.append((path, f"`{column}` {operation} {literal(value, column)}"))
for path in sorted(glob.glob(f"{folder}/*.orc")):
    pyarrow.orc.read_table(path)
    checked += 1
with open(f"{folder}/spark.sql", "w") as f:
    some = rng.sample(queries, min(len(queries), 150))
    for pushed in ("true", "false"):
        f.write(f"set spark.sql.parquet.filterPushdown={pushed};\nset spark.sql.parquet.enableVectorizedReader={pushed};\n")
        for number, (path, condition) in enumerate(some):
            f.write(f"select '{number}', count(*) from parquet.`{path}` where {condition};\n")
print(f"{checked} checks, {failed} differences")
sys.exit(failed > 0)
