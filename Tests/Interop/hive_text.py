"""Values of what Hive, Spark and hiveql print: `SELECT` of a column as `selected` has it, between tabs."""
import datetime
import decimal
import json
import re

import pyarrow as pa

EPOCH = datetime.date(1970, 1, 1)
DATE = re.compile(r"(-?\d+)-(\d+)-(\d+)")
MOMENT = re.compile(r"(-?\d+)-(\d+)-(\d+)[ T](\d+):(\d+):(\d+)(?:\.(\d+))?(?: ?(?:UTC|Z))?")
LETTERS = re.compile("[a-zA-Z]*")  # a nested BINARY stands there as it is
NUMBER = re.compile(r"-?(?:[0-9.]+(?:E[-+]?\d+)?|Infinity)|NaN")


def selected(name, type):
    """The expression whose text is unambiguous."""
    text = pa.types.is_string(type) or pa.types.is_large_string(type) or is_binary(type)
    return f"hex(`{name}`)" if text else f"`{name}`"


def is_binary(type):
    return pa.types.is_binary(type) or pa.types.is_fixed_size_binary(type) or pa.types.is_large_binary(type)


def parse(text, type):
    """The value of a column."""
    if text == "NULL":
        return None
    if is_binary(type):
        return bytes.fromhex(text)
    if pa.types.is_string(type) or pa.types.is_large_string(type):
        return bytes.fromhex(text).decode()
    value, end = part(text, 0, type)
    if end != len(text):
        raise ValueError(f"{text[end:end + 40]!r} behind a value of {type}: {text[:100]!r}")
    return value


def part(text, at, type):
    """A value that begins at a place in a text, and where it ends."""
    p = pa.types
    if text.startswith("null", at) or text.startswith("NULL", at):
        return None, at + 4
    if p.is_map(type):
        return sequence(text, at, "{", "}", lambda at, i: pair(text, at, type))
    if p.is_list(type):
        return sequence(text, at, "[", "]", lambda at, i: part(text, at, type.value_type))
    if p.is_struct(type):
        def member(at, i):
            at = text.index(":", at) + 1
            return part(text, at, type.field(i).type)
        values, at = sequence(text, at, "{", "}", member)
        return tuple(values), at
    if p.is_boolean(type):
        return (True, at + 4) if text.startswith("true", at) else (False, at + 5 + 0 * text.index("false", at, at + 5))
    quoted = text.startswith('"', at)
    if is_binary(type) and not quoted:
        found = LETTERS.match(text, at)
        return found[0].encode(), found.end()
    if p.is_string(type) or is_binary(type):
        if not quoted:
            raise ValueError(f"no quotes at {at}: {text[:100]!r}")
        value, end = json.decoder.scanstring(text, at + 1, False)
        return (value.encode() if is_binary(type) else value), end
    at += quoted
    found = (DATE if p.is_date(type) else MOMENT if p.is_timestamp(type) else NUMBER).match(text, at)
    if not found:
        raise ValueError(f"no {type} at {at}: {text[:100]!r}")
    if p.is_date(type):
        value = days(found)
    elif p.is_timestamp(type):
        hour, minute, second = (int(found[i]) for i in (4, 5, 6))
        value = ((days(found) * 24 + hour) * 60 + minute) * 60 + second
        value = value * 10 ** 9 + int((found[7] or "").ljust(9, "0"))
    elif p.is_decimal(type):
        value = decimal.Decimal(found[0])
    elif p.is_floating(type):
        value = float(found[0])
    else:
        value = int(found[0])
    return value, found.end() + quoted


def days(found):
    return (datetime.date(int(found[1]), int(found[2]), int(found[3])) - EPOCH).days


def pair(text, at, type):
    # Keys that are numbers stand between quotes in Spark's text, and as they are in Hive's.
    key, at = part(text, at, type.key_type)
    if text[at] != ":":
        raise ValueError(f"no ':' at {at}: {text[:100]!r}")
    value, at = part(text, at + 1, type.item_type)
    return (key, value), at


def sequence(text, at, opening, closing, element):
    if text[at] != opening:
        raise ValueError(f"no {opening!r} at {at}: {text[:100]!r}")
    at += 1
    values = []
    while text[at] != closing:
        at += bool(values)  # the comma
        value, at = element(at, len(values))
        values.append(value)
    return values, at + 1
