#!/usr/bin/env python3
"""Times queries in a session of hiveql that is open, beside a connection of DuckDB that is open, over the same Parquet files.

    Tests/Peers/sessions.py .build/release/hiveql DATA QUERIES [--rounds 5] [--repeat 10]

DATA holds a folder a table, and in it Parquet files in folders `key=value`; QUERIES are .sql files of one query each, which name
the tables as `DATABASE.table` (--database). A statement's time in hiveql is what a script of repeat + 1 of them takes longer than
a script of one, so that the start of the process is not in it, as it is not in DuckDB's. Rounds alternate; printed are medians,
and the ratio of each query. The first row of both is compared.
"""
import argparse
import glob
import math
import os
import re
import statistics
import subprocess
import tempfile
import time

import duckdb
import pyarrow.parquet as parquet

TYPES = {"int32": "int", "int64": "bigint", "double": "double", "float": "float", "string": "string", "bool": "boolean",
         "date32[day]": "date", "large_string": "string"}


def files(data, table):
    return sorted(glob.glob(f"{data}/{table}/**/*.parquet", recursive=True))


def definition(data, database, table):
    """A table of Hive over the files, with the partitions that their folders are."""
    first = files(data, table)[0]
    keys = re.findall(r"(\w+)=", os.path.relpath(os.path.dirname(first), f"{data}/{table}"))
    columns = [(f.name, TYPES[str(f.type)]) for f in parquet.read_schema(first) if f.name not in keys]
    text = ", ".join(f"`{name}` {kind}" for name, kind in columns)
    partitions = f" partitioned by ({', '.join(f'`{key}` int' for key in keys)})" if keys else ""
    return (f"create external table {database}.{table} ({text}){partitions} stored as parquet location 'file://{data}/{table}';\n"
            + (f"msck repair table {database}.{table};\n" if keys else ""))


class Hiveql:
    def __init__(self, program, folder, setup):
        self.program, self.folder = program, folder
        self.run(setup)

    def run(self, script):
        path = os.path.join(self.folder, "script.sql")
        with open(path, "w") as file:
            file.write(script)
        started = time.perf_counter()
        done = subprocess.run(
            [self.program, "--hiveconf", f"hive.metastore.warehouse.dir={self.folder}/warehouse", "-S", "-f", path],
            capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        return time.perf_counter() - started, done.stdout

    def seconds(self, query, repeat):
        return max(self.run(f"{query};\n" * (repeat + 1))[0] - self.run(f"{query};\n")[0], 1e-6) / repeat


def same(own, other):
    """Whether a row in text is DuckDB's."""
    if len(own) != len(other):
        return False
    for text, value in zip(own, other):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if not math.isclose(float(text), value, rel_tol=1e-9, abs_tol=1e-9):
                return False
        elif text != ("NULL" if value is None else str(value)):
            return False
    return True


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("data")
    options.add_argument("queries")
    options.add_argument("--database", default="nyctaxidb")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--repeat", type=int, default=10)
    told = options.parse_args()
    data = os.path.abspath(told.data)
    tables = [table for table in sorted(os.listdir(data)) if files(data, table)]
    peer = duckdb.connect()
    peer.execute(f"create schema {told.database}")
    for table in tables:
        peer.execute(f"create view {told.database}.{table} as from read_parquet('{data}/{table}/**/*.parquet', hive_partitioning = true)")
    with tempfile.TemporaryDirectory() as folder:
        setup = f"create database {told.database};\n" + "".join(definition(data, told.database, table) for table in tables)
        own = Hiveql(os.path.abspath(told.program), folder, setup)
        ratios = []
        for path in sorted(glob.glob(f"{told.queries}/q*.sql")):
            with open(path) as file:
                query = file.read().strip().rstrip(";")
            theirs = re.sub(r"group by [\w, ]+ grouping sets", "group by grouping sets", query)
            theirs = re.sub(r"(\w+\.\w+) / sum", r"\1 / 1.0 / sum", theirs)
            theirs = re.sub(r"\bif\(([^,()]+), 1, 0\)", r"(case when \1 then 1 else 0 end)", theirs)
            rows = {tuple(line.split("\t")) for line in own.run(query + ";")[1].splitlines()}
            first = peer.execute(theirs).fetchone()
            equal = any(same(row, first) for row in rows)
            mine, others = [], []
            for _ in range(told.rounds):
                started = time.perf_counter()
                for _ in range(told.repeat):
                    peer.execute(theirs).fetchall()
                others.append((time.perf_counter() - started) / told.repeat)
                mine.append(own.seconds(query, told.repeat))
            ratios.append(statistics.median(mine) / statistics.median(others))
            print(f"{os.path.basename(path)[:-4]:28} hiveql {statistics.median(mine) * 1e3:8.1f} ms  DuckDB "
                  f"{statistics.median(others) * 1e3:8.1f} ms  {ratios[-1]:.2f}{'' if equal else '  DuckDB has another first row: ' + str(first)}", flush=True)
        print(f"geometric mean {math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f}, most {max(ratios):.2f}")


if __name__ == "__main__":
    main()
