#!/usr/bin/env python3
"""Runs the queries of TPC-DS over small tables with hiveql and with DuckDB, and compares their rows.

    Tests/Peers/tpcds.py .build/release/hiveql TESTBENCH [QUERY-FILE...]

TESTBENCH is a clone of github.com/hortonworks/hive-testbench: its tables (ddl-tpcds/text), Hive's queries (sample-queries-tpcds)
and Spark's (spark-queries-tpcds) are read from there. The rows are always the same; texts and numbers that queries compare a
column with are among its values, so that most queries find something. A line a query with its rows and its seconds; the exit
status is 1 when hiveql refuses one, takes longer than a minute or has other rows. Where DuckDB does not take Hive's words, they
are written its way: `+ 30 days`, NULLs first, concat() of NULL is NULL, one value deviates by 0;
ROLLUP of no rows has none in Hive.
"""
import argparse
import collections
import datetime
import glob
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import time

import duckdb

FIRST_DAY, FIRST_KEY, DAYS = datetime.date(1998, 1, 1), 2450815, 5 * 365 + 1
ROWS = {
    "call_center": 4, "catalog_page": 20, "customer": 300, "customer_address": 200, "customer_demographics": 400,
    "household_demographics": 150, "income_band": 20, "item": 150, "promotion": 15, "reason": 60, "ship_mode": 10, "store": 8,
    "warehouse": 4, "web_page": 12, "web_site": 5, "store_sales": 12000, "catalog_sales": 8000, "web_sales": 5000, "inventory": 4000}
# What a column's name ends in, and the table that it means.
REFERENCES = {
    "item_sk": "item", "cdemo_sk": "customer_demographics", "hdemo_sk": "household_demographics", "addr_sk": "customer_address",
    "customer_sk": "customer", "store_sk": "store", "call_center_sk": "call_center", "catalog_page_sk": "catalog_page",
    "ship_mode_sk": "ship_mode", "warehouse_sk": "warehouse", "promo_sk": "promotion", "reason_sk": "reason",
    "web_page_sk": "web_page", "web_site_sk": "web_site", "income_band_sk": "income_band"}
SALES = {"store_returns": ("store_sales", "ss_"), "catalog_returns": ("catalog_sales", "cs_"), "web_returns": ("web_sales", "ws_")}
WORDS = ["able", "ought", "bar", "n st", "ese"]
SOME = random.Random(99)


def schema(definitions):
    """The columns of each table, with their types."""
    tables = {}
    for match in re.finditer(r"create external table if not exists (\w+)\s*\((.*?)\)\s*row format", definitions, re.S | re.I):
        lines = [line.strip().lstrip(",").split() for line in match.group(2).split("\n")]
        tables[match.group(1)] = [(words[0], words[1].lower()) for words in lines if words]
    return tables


def literals(queries):
    """What the queries compare columns with."""
    found = collections.defaultdict(set)
    for match in re.finditer(r"\b(\w+)\s*(?:=|<>|>=|<=|>|<)\s*('[^']*'|-?\d+(?:\.\d+)?)", queries):
        found[match.group(1).lower()].add(match.group(2).strip("'"))
    for match in re.finditer(r"\b(\w+)\s+in\s*\(((?:\s*(?:'[^']*'|\d+)\s*,?)+)\)", queries, re.I):
        found[match.group(1).lower()] |= {text.strip("'") for text in re.findall(r"'[^']*'|\d+", match.group(2))}
    for match in re.finditer(r"\b(\w+)\s+between\s+(\d+)\s+and\s+(\d+)", queries, re.I):
        low, high = int(match.group(2)), int(match.group(3))
        found[match.group(1).lower()] |= {str(low), str(high), str((low + high) // 2)}
    return found


class Maker:
    def __init__(self, tables, queries):
        self.tables, self.literals = tables, literals(queries)
        self.codes = re.findall(r"'(\d{5})'", queries)
        self.rows = {}

    def make(self):
        for table in self.tables:
            rows = getattr(self, table, None)
            self.rows[table] = rows() if rows else self.returns(table) if table in SALES else self.ordinary(table)
            yield table, [[self.cut(value, type) for value, (_, type) in zip(row, self.tables[table])] for row in self.rows[table]]

    @staticmethod
    def cut(value, type):
        return str(value)[: int(type[5:-1])] if type.startswith("char(") else value

    def value(self, table, column, type, number):
        if column == self.tables[table][0][0] and table in ROWS and "sales" not in table and table != "inventory":
            return number + 1
        if column == "ib_lower_bound":
            return number * 10000 + (number > 0)
        if column == "ib_upper_bound":
            return (number + 1) * 10000
        if SOME.random() < 0.02:
            return ""
        if column.endswith("date_sk"):
            return FIRST_KEY + SOME.randrange(DAYS)
        if column.endswith("time_sk"):
            return SOME.randrange(24 * 60) * 60
        for ending, meant in REFERENCES.items():
            if column.endswith(ending):
                return SOME.randint(1, ROWS[meant])
        if column.endswith("_id") and type in ("string", "char(16)"):
            return f"AAAAAAAA{number // 2 if table == 'item' else number:08d}"
        if "zip" in column:
            return SOME.choice(self.codes) if SOME.random() < 0.8 else f"{SOME.randint(10000, 99999)}"
        if column.endswith("gmt_offset"):
            return SOME.choice([-5, -6, -7, -5])
        if "quantity" in column:
            return SOME.randint(1, 100)
        if "date" in column and type in ("string", "date"):
            return FIRST_DAY + datetime.timedelta(SOME.randrange(DAYS))
        known = sorted(self.literals.get(column, ()))
        if type == "string" or type.startswith(("char", "varchar")):
            known = [text for text in known if text]
            return SOME.choice(known) if known and SOME.random() < 0.85 else SOME.choice(WORDS) + str(SOME.randint(1, 9))
        if type in ("int", "bigint"):
            born = {"c_birth_month": (1, 12), "c_birth_year": (1930, 1992), "c_birth_day": (1, 28)}.get(column)
            if born:
                return SOME.randint(*born)
            known = [text for text in known if text.isdigit()]
            return SOME.choice(known) if known and SOME.random() < 0.8 else SOME.randint(1, 100)
        return f"{SOME.uniform(1, 100) if column == 'i_current_price' else SOME.uniform(0, 200):.2f}"

    def ordinary(self, table):
        rows, order, left, shared = [], 0, 0, {}
        for number in range(ROWS[table]):
            if table.endswith("_sales"):
                # The lines of an order have its customer, its place and its day.
                if left == 0:
                    order, left, shared = order + 1, SOME.randint(1, 6), {}
                left -= 1
            row = []
            for column, type in self.tables[table]:
                if column.endswith(("ticket_number", "order_number")):
                    value = order
                elif table == "inventory" and column == "inv_date_sk":
                    value = FIRST_KEY + 7 * SOME.randrange(DAYS // 7)
                elif column.endswith("ship_date_sk"):
                    value = (row[0] or FIRST_KEY) + SOME.randint(1, 120)
                else:
                    value = self.value(table, column, type, number)
                    if table.endswith("_sales") and column.endswith("_sk") and not column.endswith(("item_sk", "promo_sk", "warehouse_sk")):
                        value = shared.setdefault(column, value)
                row.append(value)
            rows.append(row)
        return rows

    def returns(self, table):
        """Three of ten sold lines come back."""
        sales, prefix = SALES[table]
        names = [name for name, _ in self.tables[sales]]
        own = self.tables[table][0][0].split("_")[0] + "_"
        rows = []
        for sold in self.rows[sales]:
            if SOME.random() > 0.3:
                continue
            sold = dict(zip(names, sold))
            row = []
            for column, type in self.tables[table]:
                what, value = column[len(own):], None
                if what in ("item_sk", "ticket_number", "order_number", "customer_sk", "store_sk", "call_center_sk", "web_page_sk"):
                    value = sold.get(prefix + what)
                elif what in ("refunded_customer_sk", "returning_customer_sk") and SOME.random() < 0.7:
                    value = sold[prefix + "bill_customer_sk"]
                elif what == "returned_date_sk":
                    value = (sold[prefix + "sold_date_sk"] or FIRST_KEY) + SOME.randint(1, 90)
                elif what == "return_quantity":
                    value = max(1, int(sold[prefix + "quantity"] or 1) - SOME.randint(0, 3))
                row.append(self.value(table, column, type, 0) if value is None else value)
            rows.append(row)
        return rows

    def date_dim(self):
        names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
        rows = []
        for number in range(DAYS + 200):
            day = FIRST_DAY + datetime.timedelta(number)
            weekday, quarter, key = (day.weekday() + 1) % 7, (day.month + 2) // 3, FIRST_KEY + number
            week, since = 5114 + (number + 4) // 7, (day.year - 1900) * 4 + quarter - 1
            known = {
                "d_date_sk": key, "d_date_id": f"AAAA{number:08d}", "d_date": day, "d_month_seq": (day.year - 1900) * 12 + day.month - 1,
                "d_week_seq": week, "d_quarter_seq": since, "d_year": day.year, "d_dow": weekday, "d_moy": day.month, "d_dom": day.day,
                "d_qoy": quarter, "d_fy_year": day.year, "d_fy_quarter_seq": since, "d_fy_week_seq": week, "d_day_name": names[weekday],
                "d_quarter_name": f"{day.year}Q{quarter}", "d_weekend": "Y" if weekday in (0, 6) else "N", "d_first_dom": key - day.day + 1,
                "d_last_dom": key, "d_same_day_ly": key - 365, "d_same_day_lq": key - 91}
            rows.append([known.get(column, "N") for column, _ in self.tables["date_dim"]])
        return rows

    def time_dim(self):
        rows = []
        for number in range(24 * 60):
            hour, minute = divmod(number, 60)
            meal = "breakfast" if 6 <= hour < 9 else "lunch" if 11 <= hour <= 14 else "dinner" if 17 <= hour <= 21 else ""
            known = {
                "t_time_sk": number * 60, "t_time_id": f"T{number}", "t_time": number * 60, "t_hour": hour, "t_minute": minute, "t_second": 0,
                "t_am_pm": "AM" if hour < 12 else "PM", "t_shift": ["third", "first", "second"][hour // 8],
                "t_sub_shift": ["night", "morning", "afternoon", "evening"][hour // 6], "t_meal_time": meal}
            rows.append([known[column] for column, _ in self.tables["time_dim"]])
        return rows


class Peers:
    def __init__(self, program, folder, tables, definitions):
        self.command = [program, "--hiveconf", f"hive.metastore.warehouse.dir={folder}/.catalog", "-S"]
        setup = definitions.replace("${LOCATION}", f"file:{folder}").replace("${DB}", "tpcds")
        subprocess.run(self.command + ["-e", setup], check=True)
        self.duckdb = duckdb.connect()
        self.duckdb.execute("set default_null_order = 'nulls_first_on_asc_last_on_desc'")
        self.duckdb.execute("create macro joined(a, b) as a || b, (a, b, c) as a || b || c")
        self.duckdb.execute("create macro deviation(x) as case when count(x) = 1 then 0 else stddev_samp(x) end")
        for table, columns in tables.items():
            types = ", ".join(f"'{name}': '{'varchar' if type == 'string' else type}'" for name, type in columns)
            self.duckdb.execute(
                f"create table {table} as select * from read_csv('{folder}/{table}/*', delim = '|', header = false, nullstr = '', columns = {{{types}}})")

    def hiveql(self, query):
        run = subprocess.run(self.command + ["--database", "tpcds", "-e", query], capture_output=True, text=True, timeout=60)
        if run.returncode:
            raise RuntimeError(run.stderr)
        return [line.split("\t") for line in run.stdout.split("\n") if line]

    def other(self, query):
        query = re.sub(r"(?:\binterval )?\b(\d+) days\b", r"interval '\1' day", query, flags=re.I)
        for word, other in {"at": "part", "concat": "joined", "stddev_samp": "deviation"}.items():
            query = re.sub(rf"\b{word}\b", other, query, flags=re.I)
        return self.duckdb.execute(query).fetchall()


def plain(value):
    """Numbers to six digits: sums of doubles and decimals differ in the last ones."""
    if value is None or value == "NULL":
        return "NULL"
    try:
        number = float(value)
        return "NaN" if math.isnan(number) else f"{number:.6g}"
    except (TypeError, ValueError):
        return str(value).rstrip()


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("program")
    arguments.add_argument("testbench")
    arguments.add_argument("queries", nargs="*")
    arguments = arguments.parse_args()
    definitions = open(os.path.join(arguments.testbench, "ddl-tpcds", "text", "alltables.sql")).read()
    tables = schema(definitions)
    files = arguments.queries or sorted(
        glob.glob(os.path.join(arguments.testbench, "s*-queries-tpcds", "*.sql")),
        key=lambda file: (os.path.dirname(file), int(re.search(r"\d+", os.path.basename(file)).group()), file))
    texts = {file: "\n".join(line for line in open(file) if not line.strip().startswith("--")) for file in files}
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for table, rows in Maker(tables, "\n".join(texts.values())).make():
            os.mkdir(os.path.join(folder, table))
            with open(os.path.join(folder, table, "rows"), "w") as file:
                file.writelines("|".join(map(str, row)) + "\n" for row in rows)
        peers = Peers(arguments.program, folder, tables, definitions)
        for file, text in texts.items():
            name = "/".join(file.split(os.sep)[-2:])
            # The test bench has an older name of the column.
            text = text.replace("c_last_review_date_sk", "c_last_review_date").replace("c_last_review_date", "c_last_review_date_sk")
            for number, query in enumerate(query for query in text.split(";") if query.strip()):
                began = time.time()
                try:
                    rows = peers.hiveql(query)
                    wanted = peers.other(query)
                except duckdb.Error as error:
                    print(f"{name} {number + 1}: {len(rows)} rows, DuckDB: {str(error).splitlines()[0]}")
                    continue
                except (RuntimeError, subprocess.TimeoutExpired) as error:
                    print(f"{name} {number + 1}: {str(error).strip()}")
                    failures += 1
                    continue
                rows = collections.Counter(tuple(map(plain, row)) for row in rows)
                wanted = collections.Counter(tuple(map(plain, row)) for row in wanted)
                if not rows and "rollup" in query.lower():
                    wanted.clear()
                print(f"{name} {number + 1}: {sum(rows.values())} rows, {time.time() - began:.2f} s{'' if rows == wanted else ', DIFFERENT'}")
                if rows != wanted:
                    failures += 1
                    for mark, others in (("hiveql", rows - wanted), ("DuckDB", wanted - rows)):
                        print(f"  {mark}: {list(others)[:2]}")
    print(f"{failures} of {len(files)} files differ")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
