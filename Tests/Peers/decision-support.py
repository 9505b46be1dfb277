#!/usr/bin/env python3
"""Small tables in the shape of TPC-H's, and DuckDB's answers to its 22 queries over them, for Tests/Golden/decision_support.

  decision-support.py          writes the tables (always the same) and the answers beside the queries

What the queries select is made often enough that none of them answers without rows. The queries stand in the golden file, with
Hive's answers where it has one: these are compared with DuckDB's, and the others written anew.
"""
import datetime
import os
import random
import re

import duckdb

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Golden")
TABLES = os.path.join(GOLDEN, "data", "decision_support")
FILE = os.path.join(GOLDEN, "decision_support", "tpch.slt")

REGIONS = ["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"]
NATIONS = [
    ("ALGERIA", 0), ("ARGENTINA", 1), ("BRAZIL", 1), ("CANADA", 1), ("EGYPT", 4), ("ETHIOPIA", 0), ("FRANCE", 3), ("GERMANY", 3),
    ("INDIA", 2), ("INDONESIA", 2), ("IRAN", 4), ("IRAQ", 4), ("JAPAN", 2), ("JORDAN", 4), ("KENYA", 0), ("MOROCCO", 0),
    ("MOZAMBIQUE", 0), ("PERU", 1), ("CHINA", 2), ("ROMANIA", 3), ("SAUDI ARABIA", 4), ("VIETNAM", 2), ("RUSSIA", 3),
    ("UNITED KINGDOM", 3), ("UNITED STATES", 1)]
SEGMENTS = ["AUTOMOBILE", "BUILDING", "FURNITURE", "MACHINERY", "HOUSEHOLD"]
PRIORITIES = ["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"]
MODES = ["REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"]
INSTRUCTIONS = ["DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"]
BRANDS = ["Brand#12", "Brand#23", "Brand#34", "Brand#45"]
CONTAINERS = ["SM CASE", "SM BOX", "MED BAG", "MED BOX", "LG CASE", "LG BOX", "JUMBO PKG"]
TYPES = ["STANDARD POLISHED TIN", "LARGE POLISHED BRASS", "ECONOMY ANODIZED STEEL", "PROMO BURNISHED COPPER", "MEDIUM POLISHED NICKEL",
         "SMALL PLATED BRASS"]
COLOURS = ["forest", "green", "azure", "chocolate", "ivory", "linen"]
SOME = random.Random(22)


def money(low, high):
    return f"{SOME.randint(low * 100, high * 100) / 100:.2f}"


def comment(*rare):
    words = [SOME.choice(["carefully", "quick", "final", "ideas", "sleep", "deposits", "bold"]) for _ in range(3)]
    if rare and SOME.random() < 0.1:
        words[1:1] = rare
    return " ".join(words)


def tables():
    yield "region", [(i, name, comment()) for i, name in enumerate(REGIONS)]
    yield "nation", [(i, name, region, comment()) for i, (name, region) in enumerate(NATIONS)]
    # Nations that a query names have more than their share.
    named = [3, 6, 7, 2, 20]
    suppliers = [
        (i, f"Supplier#{i:09d}", f"street {i}", SOME.choice(named) if SOME.random() < 0.6 else SOME.randrange(25),
         f"{SOME.randint(10, 34)}-{i:03d}-555", money(-900, 9000), comment("Customer", "Complaints")) for i in range(1, 41)]
    yield "supplier", suppliers
    parts = [
        (i, f"{SOME.choice(COLOURS)} {SOME.choice(COLOURS)}", f"Manufacturer#{1 + i % 5}", SOME.choice(BRANDS), SOME.choice(TYPES),
         SOME.choice([3, 5, 9, 14, 15, 19, 23, 36, 45, 49]), SOME.choice(CONTAINERS), money(900, 1900), comment()) for i in range(1, 161)]
    yield "part", parts
    offers = {}
    for part in parts:
        for supplier in SOME.sample(range(1, 41), 4):
            offers[part[0], supplier] = (part[0], supplier, SOME.randint(1, 9999), money(1, 1000), comment())
    yield "partsupp", list(offers.values())
    yield "customer", [
        (i, f"Customer#{i:09d}", f"street {i}", SOME.choice(named) if SOME.random() < 0.4 else SOME.randrange(25),
         f"{SOME.choice([13, 31, 23, 29, 30, 18, 17, 11, 12])}-{i:03d}-555", money(-900, 9900), SOME.choice(SEGMENTS), comment())
        for i in range(1, 121)]
    orders, lines = [], []
    pairs = list(offers)
    for i in range(1, 501):
        day = datetime.date(1993, 1, 1) + datetime.timedelta(SOME.randrange(2000))
        price = 0.0
        large = SOME.random() < 0.02
        # A third of the customers never orders.
        buyer = SOME.choice([c for c in range(1, 121) if c % 3])
        for line in range(1, (8 if large else SOME.randint(1, 6))):
            part, supplier = SOME.choice(pairs)
            quantity = 50 if large else SOME.randint(1, 40)
            cost = quantity * 9.01 * (100 + part)
            price += cost
            ship = day + datetime.timedelta(SOME.randint(1, 120))
            commit = day + datetime.timedelta(SOME.randint(30, 90))
            receipt = ship + datetime.timedelta(SOME.randint(1, 30))
            lines.append((
                i, part, supplier, line, quantity, f"{cost:.2f}", f"0.{SOME.randint(0, 10):02d}", f"0.0{SOME.randint(0, 8)}",
                SOME.choice("RA") if receipt <= datetime.date(1995, 6, 17) else "N", "O" if ship > datetime.date(1995, 6, 17) else "F",
                ship, commit, receipt, SOME.choice(INSTRUCTIONS), SOME.choice(MODES), comment()))
        orders.append((
            i, buyer, SOME.choice("FOP"), f"{price:.2f}", day, SOME.choice(PRIORITIES), f"Clerk#{i % 30:09d}", 0,
            comment("special", "requests")))
    yield "orders", orders
    yield "lineitem", lines


def write_tables():
    os.makedirs(TABLES, exist_ok=True)
    for name, rows in tables():
        with open(os.path.join(TABLES, name + ".tbl"), "w") as file:
            file.writelines("|".join(str(value) for value in row) + "\n" for row in rows)


def database(golden):
    """The tables as the golden file declares them."""
    connection = duckdb.connect()
    for name, columns in re.findall(r"^create table (\w+) \((.*?)\) row format", golden, re.M):
        kinds = {c.split()[0]: c.split()[1].replace("string", "varchar") for c in columns.split(", ")}
        connection.execute(
            f"create table {name} as select * from read_csv(?, delim = '|', header = false, quote = '', columns = {kinds})",
            [os.path.join(TABLES, name + ".tbl")])
    return connection


def agree(mine, recorded):
    if mine == recorded:
        return True
    try:
        return abs(float(mine) - float(recorded)) <= 1e-9 * abs(float(recorded))
    except ValueError:
        return False


def with_answers(golden):
    connection = database(golden)

    def answered(match):
        skipped, kinds, query, recorded = match.groups()
        rows = [["NULL" if v is None else str(v) for v in row] for row in connection.execute(query).fetchall()]
        assert rows and len(rows[0]) == len(kinds), query
        if skipped:
            recorded = "".join("\t".join(row) + "\n" for row in rows)
        cells = [line.split("\t") for line in recorded.splitlines()]
        assert [len(row) for row in rows] == [len(row) for row in cells], query
        assert all(agree(*pair) for row in zip(rows, cells) for pair in zip(*row)), query
        return f"{skipped or ''}query {kinds}\n{query}----\n{recorded}\n"

    return re.sub(r"(skip-oracle\n)?query (\w+)\n(.*?)----\n((?:[^\n]+\n)*)\n", answered, golden, flags=re.S)


if __name__ == "__main__":
    write_tables()
    with open(FILE) as file:
        text = with_answers(file.read())
    with open(FILE, "w") as file:
        file.write(text)
