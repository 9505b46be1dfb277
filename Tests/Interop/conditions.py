"""Conditions on columns, and how many rows meet them."""
import pyarrow as pa

import columns as c
from hive_types import text_literal


def literal(value, type, suffix="L"):
    """A value of a type in HiveQL; without the suffix of a BIGINT in SQL too, unless a text needs escapes."""
    if pa.types.is_string(type):
        return text_literal(value)
    if pa.types.is_boolean(type):
        return str(value).lower()
    if pa.types.is_date(type):
        return f"date '{c.day_text(value)}'"
    if pa.types.is_decimal(type):
        return f"cast('{value:f}' as decimal({type.precision},{type.scale}))"
    if pa.types.is_timestamp(type):
        return f"timestamp '{c.moment_text(value)}'"
    if pa.types.is_floating(type):
        return f"cast('{value!r}' as {'float' if type.bit_width == 32 else 'double'})"
    if pa.types.is_binary(type):
        return f"unhex('{value.hex()}')"
    return f"{value}{suffix}"


def predicate(rng, columns):
    """A condition that files may skip by, and how many rows meet it."""
    usable = [column for column in columns if pa.types.is_integer(column.type) or pa.types.is_date(column.type)
              or pa.types.is_decimal(column.type) or pa.types.is_string(column.type) or pa.types.is_boolean(column.type)
              or pa.types.is_timestamp(column.type) and not column.type.tz]
    column = rng.choice(usable or columns)
    type = column.type
    present = [v for v in column.values if v is not None]
    if not usable or not present or rng.random() < 0.15:
        negated = rng.random() < 0.5
        return f"`{column.name}` is {'not ' if negated else ''}null", sum((v is None) != negated for v in column.values)
    value = rng.choice(present)
    if pa.types.is_string(type) and not (value.isascii() and value.isprintable()):
        value = "value 5"
    elif pa.types.is_integer(type) and abs(value) >= 2 ** 63 - 1:
        value = 1
    text = literal(value, type)
    tests = {"=": lambda v: v == value, "<": lambda v: v < value, ">=": lambda v: v >= value, "<>": lambda v: v != value}
    operator = rng.choice(["=", "=", "<>"] if pa.types.is_boolean(type) else list(tests))
    return f"`{column.name}` {operator} {text}", sum(tests[operator](v) for v in present)
