"""Seeded columns: types, values in the shapes that encodings know (runs, sequences, few values, edges), NULLs and nesting.

A value is None, bool, int, float, Decimal, str, bytes; a date is its days, a timestamp its nanoseconds since 1970; a list is a
list, a map a list of pairs, a structure a tuple. Types are pyarrow's.
"""
import datetime
import decimal
import math
import struct

import pyarrow as pa

decimal.getcontext().prec = 80
FIRST_DAY, LAST_DAY = -719162, 2932896  # 0001-01-01, 9999-12-31
SIZES = [0, 1, 2, 3, 7, 8, 9, 31, 33, 63, 64, 65, 127, 129, 255, 257, 511, 513, 1000, 1023, 1025, 2049]
WORDS = ["", "a", "word", "été", "日本語", "a longer string than twelve bytes", "x" * 70, "y" * 300, "😀 emoji", " padded ", "0", "-1"]
PLAIN_WORDS = ["a", "word", "other words", "B", "x" * 40]
# What is between quotes in the text of a nested value.
ESCAPED_WORDS = WORDS + ['"', "\\", "a\nb", "tab\t", "\r", "'", "/"]

UNITS = {"s": 10 ** 9, "ms": 10 ** 6, "us": 10 ** 3, "ns": 1}


class Generator:
    """Random types and values for what a writer and its readers know."""

    def __init__(self, rng, scalars, nested=True, words=WORDS, nested_words=ESCAPED_WORDS, days=(FIRST_DAY, LAST_DAY),
                 key_types=None, null_elements=True, empty_binary=True, maps=True, finite=False):
        self.rng, self.scalars, self.nested, self.words, self.nested_words = rng, scalars, nested, words, nested_words
        self.days, self.null_elements, self.empty_binary = days, null_elements, empty_binary
        self.maps, self.finite = maps, finite
        self.key_types = key_types or [pa.string(), pa.int32(), pa.int64()]

    def type(self, depth=0):
        rng = self.rng
        if not self.nested or rng.random() < (0.65 if depth == 0 else 0.5 + 0.2 * depth):
            made = rng.choice(self.scalars)
            return made(rng) if callable(made) else made
        kind = rng.choice(["list", "map", "struct"] if self.maps else ["list", "struct"])
        if kind == "list":
            return pa.list_(self.type(depth + 1))
        if kind == "map":
            return pa.map_(rng.choice(self.key_types), self.type(depth + 1))
        return pa.struct([(f"f{i}", self.type(depth + 1)) for i in range(rng.randint(1, 3))])

    def value(self, type, depth=0):
        rng, p = self.rng, pa.types
        if depth and self.null_elements and rng.random() < 0.15:
            return None
        if p.is_boolean(type):
            return rng.random() < 0.5
        if p.is_integer(type):
            low, high = (0, 2 ** type.bit_width - 1) if str(type).startswith("u") else \
                (-2 ** (type.bit_width - 1), 2 ** (type.bit_width - 1) - 1)
            return rng.choice([low, high, 0, 1, high // 3]) if rng.random() < 0.1 else \
                rng.randint(low, high) if rng.random() < 0.3 else min(high, rng.randint(0, 100) ** 2)
        if p.is_float16(type):
            return rng.choice([0.0, 1.5, -65504.0, 6.103515625e-05, 5.960464477539063e-08, 0.333251953125])
        if p.is_floating(type):
            edges = [3.4028234663852886e38, 1.401298464324817e-45] if type.bit_width == 32 else [1.7976931348623157e308, 5e-324]
            others = [] if self.finite else [math.inf, -math.inf, math.nan]
            value = rng.choice([0.0, -0.0, 1.5, -2.25, 1e30, 1e-30, *edges, *others]) if rng.random() < 0.2 else \
                rng.uniform(-1000, 1000) if rng.random() < 0.5 else rng.randint(-1000, 1000) / 8
            return struct.unpack("f", struct.pack("f", value))[0] if type.bit_width == 32 else value
        if p.is_decimal(type):
            digits = type.precision if rng.random() < 0.3 else rng.randint(1, type.precision)
            return decimal.Decimal(rng.randint(1 - 10 ** digits, 10 ** digits - 1)).scaleb(-type.scale)
        if p.is_string(type) or p.is_large_string(type):
            if depth:
                return rng.choice(self.nested_words)
            return rng.choice(self.words) if rng.random() < 0.6 else f"value {rng.randint(0, 10 ** rng.randint(1, 6))}"
        if p.is_fixed_size_binary(type):
            return bytes(rng.choice(b"abcXYZ") for _ in range(type.byte_width)) if depth else rng.randbytes(type.byte_width)
        if p.is_binary(type) or p.is_large_binary(type):
            count = rng.choice([1, 3, 9, 40] if depth or not self.empty_binary else [0, 1, 3, 9, 40])
            return bytes(rng.choice(b"abcXYZ") for _ in range(count)) if depth else rng.randbytes(count)
        if p.is_date(type):
            return rng.choice([-1, 0, *self.days]) if rng.random() < 0.1 else \
                rng.randint(*self.days) if rng.random() < 0.3 else rng.randint(16000, 19000)
        if p.is_timestamp(type):
            unit = UNITS[type.unit]
            day = 86400 * 10 ** 9
            first, last = self.days[0] * day, (self.days[1] + 1) * day - unit
            if type.unit == "ns":
                first, last = max(first, -2 ** 63 + day), min(last, 2 ** 63 - day)
            value = rng.choice([-10 ** 9, 0, 1, -1, first, last]) if rng.random() < 0.1 else rng.randint(first, last) \
                if rng.random() < 0.3 else rng.randint(1_500_000_000, 1_600_000_000) * 10 ** 9 + rng.choice([0, 0, 5 * 10 ** 8, 123456789])
            return value // unit * unit
        if p.is_time(type):
            return rng.randint(0, 86400 * 10 ** 9 // UNITS[type.unit] - 1)
        if p.is_map(type):
            keys = {}
            for _ in range(rng.choice([0, 1, 1, 2, 5])):
                keys[self.key(type.key_type)] = self.value(type.item_type, depth + 1)
            return list(keys.items())
        if p.is_list(type):
            return [self.value(type.value_type, depth + 1) for _ in range(rng.choice([0, 1, 1, 2, 3, 9]))]
        if p.is_struct(type):
            return tuple(self.value(f.type, depth + 1) for f in type)
        raise TypeError(type)

    def key(self, type):
        return self.rng.choice(["k", "key two", "x", "y", "z", "日本"]) if pa.types.is_string(type) else self.rng.randint(0, 50)

    def values(self, type, rows):
        """A column in one of the shapes that encodings know, and its NULLs."""
        rng = self.rng
        shape = rng.choice(["random", "random", "few", "runs", "sorted", "one", "steps"])
        if shape == "steps" and (pa.types.is_integer(type) or pa.types.is_date(type)):
            step, start = rng.randint(-3, 7), rng.randint(0, 60)
            made = [max(start + step * i, 0) % 120 for i in range(rows)]
        elif shape == "random" or shape == "steps":
            made = [self.value(type) for _ in range(rows)]
        else:
            few = [self.value(type) for _ in range(1 if shape == "one" else rng.randint(2, 40))]
            made = []
            while len(made) < rows:
                made += [rng.choice(few)] * (rng.randint(1, 30) if shape == "runs" else 1)
            del made[rows:]
            if shape == "sorted" and not pa.types.is_nested(type):
                made.sort(key=lambda v: (v != v, v))
        nulls = rng.choice([0, 0, 0.1, 0.5, 0.97, 1, "runs"])
        if nulls == "runs":
            absent = False
            for i in range(rows):
                absent = not absent if rng.random() < 0.05 else absent
                made[i] = None if absent else made[i]
        elif nulls:
            made = [None if rng.random() < nulls else v for v in made]
        return made

    def table(self, rows=None, most=7):
        """Names, types and values of a table's columns."""
        rows = self.rng.choice(SIZES) if rows is None else rows
        types = [self.type() for _ in range(self.rng.randint(1, most))]
        return [Column(f"c{i}", type, self.values(type, rows)) for i, type in enumerate(types)]


class Column:
    def __init__(self, name, type, values):
        self.name, self.type, self.values = name, type, values


def change(columns, changed):
    """Puts what a function of a value and its type returns in place of all that is not nested."""
    def part(value, type):
        if value is None:
            return None
        if pa.types.is_map(type):
            return [(k, part(v, type.item_type)) for k, v in value]
        if pa.types.is_list(type):
            return [part(v, type.value_type) for v in value]
        if pa.types.is_struct(type):
            return tuple(part(v, f.type) for v, f in zip(value, type))
        return changed(value, type)
    for column in columns:
        column.values = [part(v, column.type) for v in column.values]
    return columns


def arrow(columns):
    return pa.table({c.name: pa.array([to_arrow(v, c.type) for v in c.values], c.type) for c in columns})


def to_arrow(value, type):
    if value is None:
        return None
    if pa.types.is_timestamp(type):
        return value // UNITS[type.unit]
    if pa.types.is_map(type):
        return [(to_arrow(k, type.key_type), to_arrow(v, type.item_type)) for k, v in value]
    if pa.types.is_list(type):
        return [to_arrow(v, type.value_type) for v in value]
    if pa.types.is_struct(type):
        return {f.name: to_arrow(v, f.type) for f, v in zip(type, value)}
    return value


def from_arrow(scalar):
    """A value of what pyarrow or DuckDB read."""
    type = scalar.type
    if not scalar.is_valid:
        return None
    if pa.types.is_timestamp(type):
        return scalar.value * UNITS[type.unit]
    if pa.types.is_date32(type) or pa.types.is_time(type):
        return scalar.value
    if pa.types.is_map(type):
        return [(from_arrow(pair["key"]), from_arrow(pair["value"])) for pair in scalar.values]
    if pa.types.is_list(type) or pa.types.is_large_list(type):
        return [from_arrow(v) for v in scalar.values]
    if pa.types.is_struct(type):
        return tuple(from_arrow(scalar[i]) for i in range(type.num_fields))
    return scalar.as_py()


def same(a, b, type):
    """Whether two values of a type are one: NaN is NaN, -0.0 is not 0.0, maps have no order."""
    if a is None or b is None:
        return a is b
    if pa.types.is_float16(type) or pa.types.is_float32(type):
        return a != a and b != b or struct.pack("f", a) == struct.pack("f", b)
    if pa.types.is_floating(type):
        return a != a and b != b or struct.pack("d", a) == struct.pack("d", b)
    if pa.types.is_map(type):
        order = lambda pairs: sorted(pairs, key=lambda pair: str(pair[0]))
        return len(a) == len(b) and all(
            same(x[0], y[0], type.key_type) and same(x[1], y[1], type.item_type) for x, y in zip(order(a), order(b)))
    if pa.types.is_list(type):
        return len(a) == len(b) and all(same(x, y, type.value_type) for x, y in zip(a, b))
    if pa.types.is_struct(type):
        return len(a) == len(b) and all(same(x, y, f.type) for x, y, f in zip(a, b, type))
    return a == b


def differences(columns, read):
    """What differs between columns and the values that were read of them, at most one line a column."""
    found = []
    for column, values in zip(columns, read):
        if len(values) != len(column.values):
            found.append(f"{column.name}: {len(values)} rows, not {len(column.values)}")
            continue
        for row, (expected, value) in enumerate(zip(column.values, values)):
            if not same(expected, value, column.type):
                found.append(f"{column.name} {column.type} row {row}: {str(value)[:200]!r}, not {str(expected)[:200]!r}")
                break
    if len(read) != len(columns):
        found.append(f"{len(read)} columns, not {len(columns)}")
    return found


def day_text(days):
    return datetime.date.fromordinal(days + 719163).isoformat()


def moment_text(nanoseconds):
    seconds, fraction = divmod(nanoseconds, 10 ** 9)
    text = (EPOCH + datetime.timedelta(seconds=seconds)).isoformat(" ")
    return f"{text}.{fraction:09}".rstrip("0") if fraction else text


EPOCH = datetime.datetime(1970, 1, 1)
MICROSECOND = datetime.timedelta(microseconds=1)
