#!/usr/bin/env python3
"""Writes the Parquet files of this folder and, beside them, the values that a reader must give: NAME.parquet and
NAME.expected, or the one that `FILES` in shared.txt names. Needs pyarrow and duckdb; the files of Hive come from hive.sql, that of
Spark from spark.sql.

A line of .expected is a row, values separated by tabs; the first has names and HiveQL types. Floating-point values are their
bits in hexadecimal, DECIMAL unscaled, dates days, timestamps seconds:nanoseconds, BINARY x'hex'.
"""
import datetime
import decimal
import os
import random
import struct
import uuid

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import thrift_file as t

HERE = os.path.dirname(os.path.abspath(__file__))
EPOCH = datetime.datetime(1970, 1, 1)


def text(value, type):
    if value is None:
        return "NULL"
    if pa.types.is_boolean(type):
        return "true" if value else "false"
    if pa.types.is_integer(type):
        return str(value)
    if pa.types.is_float16(type) or pa.types.is_float32(type):
        return struct.pack(">f", value).hex()
    if pa.types.is_float64(type):
        return struct.pack(">d", value).hex()
    if pa.types.is_decimal(type):
        return str(int(value.scaleb(type.scale, decimal.Context(prec=60))))
    if pa.types.is_string(type) or pa.types.is_large_string(type):
        return '"' + value + '"'
    if pa.types.is_binary(type) or pa.types.is_fixed_size_binary(type) or pa.types.is_large_binary(type):
        return "x'" + value.hex() + "'"
    if pa.types.is_date(type):
        return str((value - datetime.date(1970, 1, 1)).days)
    if pa.types.is_timestamp(type):
        seconds, nanos = divmod(value, 10 ** 9)
        return f"{seconds}:{nanos}"
    if pa.types.is_time(type):
        return str(value)
    if pa.types.is_map(type):
        return "{" + ", ".join(text(k, type.key_type) + "=" + text(v, type.item_type) for k, v in value) + "}"
    if pa.types.is_list(type) or pa.types.is_large_list(type):
        return "[" + ", ".join(text(v, type.value_type) for v in value) + "]"
    if pa.types.is_struct(type):
        return "(" + ", ".join(text(value[f.name], f.type) for f in type) + ")"
    if isinstance(type, pa.UuidType):
        return '"' + str(uuid.UUID(bytes=value) if isinstance(value, bytes) else value) + '"'
    raise ValueError(type)


def hive(type):
    p = pa.types
    if p.is_decimal(type):
        return f"decimal({type.precision},{type.scale})"
    if p.is_map(type):
        return f"map<{hive(type.key_type)},{hive(type.item_type)}>"
    if p.is_list(type):
        return f"array<{hive(type.value_type)}>"
    if p.is_struct(type):
        return "struct<" + ",".join(f"{f.name.lower()}:{hive(f.type)}" for f in type) + ">"
    if p.is_timestamp(type):
        return "timestamp with local time zone" if type.tz else "timestamp"
    names = {"bool": "boolean", "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint",
             "uint8": "smallint", "uint16": "int", "uint32": "bigint", "uint64": "decimal(20,0)", "halffloat": "float",
             "float": "float", "double": "double", "string": "string", "binary": "binary", "date32[day]": "date",
             "time32[ms]": "int", "time64[us]": "bigint", "time64[ns]": "bigint"}
    if p.is_fixed_size_binary(type):
        return "binary"
    if isinstance(type, pa.UuidType):
        return "string"
    return names[str(type)]


def values(column):
    """Python values; timestamps and times as integers (timestamps in nanoseconds)."""
    type = column.type
    if pa.types.is_timestamp(type):
        scale = {"s": 10 ** 9, "ms": 10 ** 6, "us": 1000, "ns": 1}[type.unit]
        return [None if v is None else v * scale for v in column.cast(pa.int64()).to_pylist()]
    if pa.types.is_time(type):
        return column.cast(pa.int32() if pa.types.is_time32(type) else pa.int64()).to_pylist()
    return column.to_pylist()


def expect(name, table):
    with open(f"{HERE}/{name}.expected", "w") as f:
        f.write("\t".join(f"{n}:{hive(ty)}" for n, ty in zip(table.schema.names, table.schema.types)) + "\n")
        columns = [values(table.column(i)) for i in range(table.num_columns)]
        for row in zip(*columns):
            f.write("\t".join(text(v, ty) for v, ty in zip(row, table.schema.types)) + "\n")


def expect_lines(name, header, rows):
    with open(f"{HERE}/{name}.expected", "w") as f:
        f.write("\n".join([header] + rows) + "\n")


shared = []


def write(name, table, like, **options):
    options.setdefault("store_schema", False)
    pq.write_table(table, f"{HERE}/{name}.parquet", **options)
    shared.append(f"{name}\t{like}")


def flat(rows, rng):
    def nulls(make, some=0.2):
        return [None if rng.random() < some else make() for _ in range(rows)]

    def column(make, type, some=0.2):
        return pa.array(nulls(make, some), type)

    def number(bits, low=None):
        edges = [low if low is not None else -(1 << bits - 1), (1 << bits - (low is None)) - 1, 0, 1]
        return lambda: rng.choice(edges) if rng.random() < 0.3 else rng.randint(edges[0], edges[1])

    def dec(digits, scale):
        return lambda: decimal.Decimal(rng.randint(-(10 ** digits) + 1, 10 ** digits - 1)).scaleb(-scale)

    decimal.getcontext().prec = 60
    words = ["", "a", "word", "été", "日本語", "a longer string than four bytes", "x" * 70]
    real = lambda: rng.choice([0.0, -0.0, 1.5, -2.25, 1e30, float("inf"), rng.random()])
    single = lambda: struct.unpack("f", struct.pack("f", real()))[0]
    return pa.table({
        "b": column(lambda: rng.random() < 0.5, pa.bool_()), "i8": column(number(8), pa.int8()),
        "i16": column(number(16), pa.int16()), "i32": column(number(32), pa.int32()), "i64": column(number(64), pa.int64()),
        "u8": column(number(8, 0), pa.uint8()), "u16": column(number(16, 0), pa.uint16()),
        "u32": column(number(32, 0), pa.uint32()), "u64": column(number(64, 0), pa.uint64()),
        "f16": pa.array([None if v is None else v for v in nulls(lambda: rng.choice([0.0, 1.5, -65504.0, 6e-8]))], pa.float16()),
        "f": column(single, pa.float32()), "d": column(real, pa.float64()),
        "s": column(lambda: rng.choice(words), pa.string()), "x": column(lambda: rng.randbytes(rng.randint(0, 9)), pa.binary()),
        "fx": column(lambda: rng.randbytes(5), pa.binary(5)),
        "dt": column(lambda: datetime.date(1970, 1, 1) + datetime.timedelta(rng.randint(-200000, 200000)), pa.date32()),
        "ms": column(lambda: rng.randint(-10 ** 13, 10 ** 13), pa.timestamp("ms")),
        "us": column(lambda: rng.randint(-10 ** 16, 10 ** 16), pa.timestamp("us")),
        "ns": column(lambda: rng.randint(-10 ** 18, 10 ** 18), pa.timestamp("ns")),
        "utc": column(lambda: rng.randint(-10 ** 16, 10 ** 16), pa.timestamp("us", "UTC")),
        "t": column(lambda: rng.randint(0, 86399999), pa.time32("ms")),
        "d9": column(dec(9, 2), pa.decimal128(9, 2)), "d18": column(dec(18, 4), pa.decimal128(18, 4)),
        "d38": column(dec(38, 10), pa.decimal128(38, 10)), "none": column(lambda: 1, pa.int32(), 1.0),
        "all": column(lambda: rng.randint(0, 3), pa.int32(), 0),
    })


def nested(rows, rng):
    def maybe(make, some=0.2):
        return None if rng.random() < some else make()

    def many(make, most=4):
        return [make() for _ in range(rng.randint(0, most))]

    word = lambda: maybe(lambda: rng.choice(["a", "bb", "cçc", ""]))
    number = lambda: maybe(lambda: rng.randint(-5, 1000))
    pair = lambda: maybe(lambda: {"a": number(), "b": word()})
    types = {
        "l": (pa.list_(pa.int32()), lambda: maybe(lambda: many(number))),
        "ll": (pa.list_(pa.list_(pa.string())), lambda: maybe(lambda: many(lambda: maybe(lambda: many(word))))),
        "s": (pa.struct([("a", pa.int64()), ("b", pa.string())]), pair),
        "ls": (pa.list_(pa.struct([("a", pa.int64()), ("b", pa.string())])), lambda: maybe(lambda: many(pair))),
        "m": (pa.map_(pa.string(), pa.int32()),
              lambda: maybe(lambda: [(f"k{i}", number()) for i in range(rng.randint(0, 3))])),
        "ml": (pa.map_(pa.int32(), pa.list_(pa.struct([("a", pa.int64()), ("b", pa.string())]))),
               lambda: maybe(lambda: [(i, maybe(lambda: many(pair))) for i in range(rng.randint(0, 3))])),
        "ss": (pa.struct([("in", pa.struct([("v", pa.float64()), ("w", pa.list_(pa.bool_()))])), ("n", pa.int16())]),
               lambda: maybe(lambda: {"in": maybe(lambda: {"v": maybe(rng.random), "w": maybe(lambda: many(lambda: maybe(lambda: rng.random() < 0.5)))}), "n": maybe(lambda: rng.randint(0, 9))})),
        "sm": (pa.struct([("m", pa.map_(pa.string(), pa.map_(pa.string(), pa.int32())))]),
               lambda: maybe(lambda: {"m": maybe(lambda: [(f"k{i}", maybe(lambda: [("x", number())])) for i in range(rng.randint(0, 2))])})),
    }
    return pa.table({name: pa.array([make() for _ in range(rows)], type) for name, (type, make) in types.items()})


def main():
    rng = random.Random(5)
    small = flat(60, rng)
    expect("flat", small)
    for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
        write(f"flat-{codec}", small, "flat", compression=codec, data_page_size=300, write_batch_size=16)
    write("flat-v2", small, "flat", compression="snappy", data_page_version="2.0", data_page_size=300, write_batch_size=16)
    write("flat-plain", small, "flat", compression="none", use_dictionary=False, write_page_checksum=True)
    write("flat-v2-plain", small, "flat", compression="gzip", use_dictionary=False, data_page_version="2.0",
          write_page_checksum=True, row_group_size=25)
    write("flat-int96", small.select(["us", "ns"]), "int96", use_deprecated_int96_timestamps=True)
    expect("int96", small.select(["us", "ns"]))

    names = ["b", "i32", "i64", "u32", "ms", "f", "d", "s", "x", "fx", "d38"]
    some = flat(200, rng).select(names)
    expect("encodings", some)
    for version in ["1.0", "2.0"]:
        first = dict(b="RLE", i32="DELTA_BINARY_PACKED", i64="DELTA_BINARY_PACKED", u32="DELTA_BINARY_PACKED",
                     ms="DELTA_BINARY_PACKED", f="BYTE_STREAM_SPLIT", d="BYTE_STREAM_SPLIT", s="DELTA_BYTE_ARRAY",
                     x="DELTA_LENGTH_BYTE_ARRAY", fx="BYTE_STREAM_SPLIT", d38="DELTA_BYTE_ARRAY")
        second = dict(b="PLAIN", i32="BYTE_STREAM_SPLIT", i64="BYTE_STREAM_SPLIT", u32="PLAIN", ms="BYTE_STREAM_SPLIT",
                      f="PLAIN", d="PLAIN", s="DELTA_LENGTH_BYTE_ARRAY", x="DELTA_BYTE_ARRAY", fx="DELTA_BYTE_ARRAY",
                      d38="BYTE_STREAM_SPLIT")
        for number, encodings in enumerate([first, second]):
            write(f"encodings-{number}-v{version[0]}", some, "encodings", compression="none", use_dictionary=False,
                  column_encoding=encodings, data_page_version=version, data_page_size=600, write_batch_size=40)

    deep = nested(80, rng)
    expect("nested", deep)
    write("nested-v1", deep, "nested", compression="snappy", data_page_size=100, write_batch_size=8)
    write("nested-v2", deep, "nested", compression="zstd", data_page_version="2.0", data_page_size=100, write_batch_size=8)
    write("nested-old-names", deep, "nested", compression="none", use_compliant_nested_type=False, use_dictionary=False,
          row_group_size=30)

    # The dictionary is given up in the middle of a chunk.
    many = pa.table({"s": pa.array([f"value {i % 700}" if i % 7 else None for i in range(3000)]),
                     "i": pa.array([i * 7919 % 2000 for i in range(3000)], pa.int64())})
    expect("fallback", many)
    write("fallback", many, "fallback", dictionary_pagesize_limit=2000, data_page_size=1500, write_batch_size=64)

    # Statistics: three row groups; NaN, zeros, NULLs alone.
    nan = float("nan")
    some = pa.table({
        "i": pa.array([3, 1, None, 7, 9, 8, None, None, None], pa.int32()), "u": pa.array([1, 2 ** 32 - 1, 5] * 3, pa.uint32()),
        "d": pa.array([0.0, 1.0, 2.0, nan, nan, nan, -1.0, nan, 3.0], pa.float64()),
        "s": pa.array(["b", "a", "é", None, "x", "y", None, None, None]),
        "n": pa.array([decimal.Decimal("-1.50"), decimal.Decimal("2.25"), None] * 3, pa.decimal128(20, 2)),
        "t": pa.array([-1, 0, 1500] * 3, pa.timestamp("ms"))})
    expect("statistics", some)
    write("statistics", some, "statistics", row_group_size=3)

    empty = small.slice(0, 0)
    expect("empty", empty)
    write("empty", empty, "empty")

    duck = duckdb.connect()
    duck.execute("set timezone='UTC'")
    query = """select i::tinyint i8, i::usmallint u16, i::bigint i64, if(i % 3 = 0, null, i * 1.5)::double d,
        (i * 1.25)::decimal(9,2) d9, (i * 3)::decimal(38,5) d38, 'text ' || i % 5 s, encode('b' || i) x,
        date '2020-01-01' + i::int dt, timestamp '2020-01-01 00:00:00' + interval (i) second us,
        [i, null, i + 1] l, {'a': i, 'b': 'x' || i} st, map {'k' || i: i} m,
        (lpad(to_hex(i), 8, '0') || '-0000-4000-8000-000000000000')::uuid u, i % 2 = 0 b
        from range(100) r(i)"""
    for version in ["v1", "v2"]:
        duck.execute(f"copy ({query}) to '{HERE}/duckdb-{version}.parquet' (format parquet, parquet_version '{version}')")
        shared.append(f"duckdb-{version}\tduckdb")
    table = duck.execute(query).to_arrow_table()
    table = table.set_column(table.schema.get_field_index("u"), "u",
                             pa.array([str(v) for v in table.column("u").to_pylist()], pa.string()))
    expect("duckdb", table)
    paged(rng, duck)
    for name in ["hive-values", "hive-nulls", "hive-edges", "spark-paged"]:
        expect(name, pq.read_table(f"{HERE}/{name}.parquet"))
        shared.append(f"{name}\t{name}")
    legacy()
    with open(f"{HERE}/shared.txt", "w") as f:
        f.write("".join(line + "\n" for line in sorted(shared)))


def paged(rng, duck):
    """Files with indexes of pages and bloom filters: values in order and in none, NULLs alone, NaN, both zeros, long strings
    with a common beginning, and nested columns, whose pages hold other rows than those of plain ones."""
    rows = 900
    some = lambda make, share=0.15: None if rng.random() < share else make()
    values = {
        "i": (pa.int64(), [n * 3 for n in range(rows)]),
        "r": (pa.int32(), [None if 200 <= n < 330 else some(lambda: rng.randint(0, 999)) for n in range(rows)]),
        "d": (pa.float64(), [some(lambda: rng.choice([n / 10, -0.0, 0.0, float("nan") if 300 < n < 420 else 1.0])) for n in range(rows)]),
        "s": (pa.string(), [some(lambda: "a long beginning " * 2 + f"{n // 30:05}") for n in range(rows)]),
        "k": (pa.string(), [rng.choice("abcdefgh") * 3 for _ in range(rows)]),
        "dt": (pa.date32(), [datetime.date(2013, 1, 1) + datetime.timedelta(n // 20) for n in range(rows)]),
        "us": (pa.timestamp("us"), [some(lambda: n * 10 ** 6) for n in range(rows)]),
        "d9": (pa.decimal128(9, 2), [some(lambda: decimal.Decimal(500 - n).scaleb(-2)) for n in range(rows)]),
        "b": (pa.bool_(), [n > 400 for n in range(rows)]),
        "l": (pa.list_(pa.int32()), [some(lambda: [some(lambda: n) for _ in range(rng.randint(0, 3))]) for n in range(rows)]),
        "st": (pa.struct([("a", pa.int32()), ("b", pa.string())]), [some(lambda: {"a": n, "b": some(lambda: f"b{n}")}) for n in range(rows)]),
    }
    table = pa.table({name: pa.array(column, type) for name, (type, column) in values.items()})
    expect("paged", table)
    filters = {name: True for name in ["i", "r", "d", "s", "k", "dt", "us", "d9", "st.a", "l.list.element"]}
    for version in ["1.0", "2.0"]:
        write(f"paged-v{version[0]}", table, "paged", compression="zstd", write_page_index=True, data_page_version=version,
              data_page_size=600, write_batch_size=20, row_group_size=600, dictionary_pagesize_limit=3000,
              bloom_filter_options={name: {"ndv": 600, "fpp": 0.05} for name in filters})
    # DuckDB has bloom filters of columns with dictionaries, and no indexes of pages.
    query = "select (i * 17 % 50)::int k, 'word ' || i % 40 s, (i % 30 / 4)::double d from range(3000) r(i)"
    duck.execute(f"copy ({query}) to '{HERE}/duckdb-bloom.parquet' (format parquet, row_group_size 2048)")
    expect("duckdb-bloom", duck.execute(query).to_arrow_table())
    shared.append("duckdb-bloom\tduckdb-bloom")


def legacy():
    """Forms of lists and maps that older writers had; the rows are [1, 2], NULL, [], [3]."""
    C, E = t.Column, t.element
    root = lambda n: E("schema", children=n)
    LIST, MAP, MAP_KEY_VALUE = 3, 1, 2

    def case(name, header, schema, columns, rows):
        t.write(f"{HERE}/{name}.parquet", schema, columns, len(rows))
        expect_lines(name, header, rows)
        shared.append(f"{name}\t{name}")

    three = dict(definition=[3, 3, 0, 1, 3], repetition=[0, 1, 0, 0, 0], d=3, r=1)
    two = dict(definition=[2, 2, 0, 1, 2], repetition=[0, 1, 0, 0, 0], d=2, r=1)
    lists = ["[1, 2]", "NULL", "[]", "[3]"]
    structures = ["[(1), (2)]", "NULL", "[]", "[(3)]"]
    outer = E("l", repetition=t.OPTIONAL, children=1, converted=LIST)
    case("list-hive", "l:array<int>",
         [root(1), outer, E("bag", repetition=t.REPEATED, children=1), E("array_element", t.INT32, t.OPTIONAL)],
         [C(["l", "bag", "array_element"], t.INT32, [1, 2, 3], **three)], lists)
    case("list-two-levels", "l:array<int>", [root(1), outer, E("array", t.INT32, t.REPEATED)],
         [C(["l", "array"], t.INT32, [1, 2, 3], **two)], lists)
    case("list-two-levels-bit-packed", "l:array<int>", [root(1), outer, E("element", t.INT32, t.REPEATED)],
         [C(["l", "element"], t.INT32, [1, 2, 3], bit_packed=True, **two)], lists)
    case("list-avro-structure", "l:array<struct<v:int>>",
         [root(1), outer, E("array", repetition=t.REPEATED, children=1), E("v", t.INT32, t.REQUIRED)],
         [C(["l", "array", "v"], t.INT32, [1, 2, 3], **two)], structures)
    case("list-thrift-tuple", "l:array<struct<v:int>>",
         [root(1), outer, E("l_tuple", repetition=t.REPEATED, children=1), E("v", t.INT32, t.REQUIRED)],
         [C(["l", "l_tuple", "v"], t.INT32, [1, 2, 3], **two)], structures)
    case("list-two-fields", "l:array<struct<v:int,w:int>>",
         [root(1), outer, E("bag", repetition=t.REPEATED, children=2), E("v", t.INT32, t.REQUIRED), E("w", t.INT32, t.REQUIRED)],
         [C(["l", "bag", "v"], t.INT32, [1, 2, 3], **two), C(["l", "bag", "w"], t.INT32, [4, 5, 6], **two)],
         ["[(1, 4), (2, 5)]", "NULL", "[]", "[(3, 6)]"])
    case("repeated-field", "l:array<int>", [root(1), E("l", t.INT32, t.REPEATED)],
         [C(["l"], t.INT32, [1, 2, 3], definition=[1, 1, 0, 0, 1], repetition=[0, 1, 0, 0, 0], d=1, r=1)],
         ["[1, 2]", "[]", "[]", "[3]"])
    case("repeated-group", "g:array<struct<a:int,b:array<int>>>",
         [root(1), E("g", repetition=t.REPEATED, children=2), E("a", t.INT32, t.OPTIONAL), E("b", t.INT32, t.REPEATED)],
         [C(["g", "a"], t.INT32, [7], definition=[2, 1, 0], repetition=[0, 1, 0], d=2, r=1),
          C(["g", "b"], t.INT32, [1, 2, 3], definition=[2, 2, 2, 0], repetition=[0, 2, 1, 0], d=2, r=2)],
         ["[(7, [1, 2]), (NULL, [3])]", "[]"])
    maps = ['{"a"=1, "b"=2}', "NULL", "{}", '{"c"=NULL}']
    for name, converted, inner in (("map-hive", MAP, "map"), ("map-key-value", MAP_KEY_VALUE, "map")):
        case(name, "m:map<string,int>",
             [root(1), E("m", repetition=t.OPTIONAL, children=1, converted=converted),
              E(inner, repetition=t.REPEATED, children=2, converted=MAP_KEY_VALUE if name == "map-hive" else None),
              E("key", t.BYTE_ARRAY, t.REQUIRED, converted=0), E("value", t.INT32, t.OPTIONAL)],
             [C(["m", inner, "key"], t.BYTE_ARRAY, [b"a", b"b", b"c"], **two),
              C(["m", inner, "value"], t.INT32, [1, 2], definition=[3, 3, 0, 1, 2], repetition=[0, 1, 0, 0, 0], d=3, r=1)],
             maps)

    # Converted types alone, and values where unsigned and signed differ.
    narrow = [("u8", 11, t.INT32, "smallint", -1 & 0xFF), ("u16", 12, t.INT32, "int", 65535), ("u32", 13, t.INT32, "bigint", -1),
              ("u64", 14, t.INT64, "decimal(20,0)", -1), ("i8", 15, t.INT32, "tinyint", -7), ("i16", 16, t.INT32, "smallint", -300),
              ("dt", 6, t.INT32, "date", 19000), ("ms", 9, t.INT64, "timestamp with local time zone", -1),
              ("us", 10, t.INT64, "timestamp with local time zone", 1500001)]
    answers = ["255", "65535", "4294967295", "18446744073709551615", "-7", "-300", "19000", "-1:999000000", "1:500001000"]
    case("converted", "\t".join(f"{n}:{h}" for n, _, _, h, _ in narrow),
         [root(len(narrow))] + [E(n, ty, t.REQUIRED, converted=c) for n, c, ty, _, _ in narrow],
         [C([n], ty, [v]) for n, _, ty, _, v in narrow], ["\t".join(answers)])
    # DECIMAL in its four physical types, and bytes that repeat the sign.
    case("decimals", "a:decimal(9,2)\tb:decimal(18,3)\tc:decimal(20,2)\td:decimal(38,0)\te:decimal(5,1)",
         [root(5), E("a", t.INT32, t.REQUIRED, converted=5, scale=2, precision=9),
          E("b", t.INT64, t.REQUIRED, converted=5, scale=3, precision=18),
          E("c", t.BYTE_ARRAY, t.REQUIRED, converted=5, scale=2, precision=20),
          E("d", t.FIXED, t.REQUIRED, converted=5, scale=0, precision=38, length=20),
          E("e", t.FIXED, t.REQUIRED, converted=5, scale=1, precision=5, length=3)],
         [C(["a"], t.INT32, [-5, 7]), C(["b"], t.INT64, [-(10 ** 17), 3]), C(["c"], t.BYTE_ARRAY, [b"\xff\x38", b""]),
          C(["d"], t.FIXED, [(-(10 ** 37)).to_bytes(20, "big", signed=True), (10 ** 38 - 1).to_bytes(20, "big")]),
          C(["e"], t.FIXED, [b"\xff\xff\xfe", b"\x00\x01\x00"])],
         [f"-5\t{-10 ** 17}\t-200\t{-10 ** 37}\t-2", f"7\t3\t0\t{10 ** 38 - 1}\t256"])
    # Codes of a dictionary that is not there, because all are NULLs, then plain values.
    optional = E("s", t.BYTE_ARRAY, t.OPTIONAL, converted=0)
    case("dictionary-missing", "s:string", [root(1), optional],
         [C(["s"], t.BYTE_ARRAY, [], definition=[0, 0], d=1, dictionary=[],
            more=[C(["s"], t.BYTE_ARRAY, [b"x"], definition=[1, 0], d=1)])], ["NULL", "NULL", '"x"', "NULL"])
    # Dictionaries: behind the data, at the place of the data pages, at a place that is none.
    words = [b"x", b"y", b"x"]
    strings = E("s", t.BYTE_ARRAY, t.REQUIRED, converted=0)
    for name, options in (("dictionary-last", dict(dictionary_last=True)),
                          ("dictionary-offset-zero", dict(wrong_dictionary_offset=0)),
                          ("dictionary-offset-wrong", dict(wrong_dictionary_offset=5))):
        case(name, "s:string", [root(1), strings],
             [C(["s"], t.BYTE_ARRAY, words, dictionary=[b"x", b"y"], **options)], ['"x"', '"y"', '"x"'])


if __name__ == "__main__":
    main()
