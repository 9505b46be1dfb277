"""Lines of JSON: an object a row, as Python's module writes them in the ways that the SerDes take, and what readers find."""
import base64
import datetime
import json
import re

import duckdb
import pyarrow as pa
import pyarrow.json

import columns as c
from files import files, read_text, save

OWN, HCATALOG = "stored as jsonfile", "row format serde 'org.apache.hive.hcatalog.data.JsonSerDe' stored as textfile"
# Numbers that Python's module has no type for stand in its text as these, before the quotes are taken away.
NUMBER = re.compile(r'"number:([^"]*)"')
SPACES = [(",", ":"), (", ", ": "), (" ,\t", " : ")]


class Object(dict):
    """Members in their order, of which several may have one name."""

    def __init__(self, members):
        super().__init__(members)
        self.members = members

    def items(self):
        return self.members


class JSONWriter:
    """Writes values as a drawn style has them."""

    def __init__(self, rng, table):
        self.rng, self.is_own = rng, table == OWN
        # Hive's own class takes texts for numbers too.
        self.quoted = self.is_own and rng.random() < 0.2
        self.absent = rng.choice([0, 0.5, 1])
        self.further = rng.choice([0, 0, 0.2])
        self.any_case = rng.random() < 0.3
        self.mixed = rng.random() < 0.3

    def object(self, names, values, types):
        members = []
        for name, value, type in zip(names, values, types):
            if value is None and self.rng.random() < self.absent:
                continue
            if self.any_case:
                name = name.upper()
            if self.rng.random() < self.further / 4:
                # Of two members with one name the last counts.
                members.append((name, None if self.rng.random() < 0.5 else self.value(value, type)))
            members.append((name, self.value(value, type)))
        if self.mixed and len({name for name, _ in members}) == len(members):
            self.rng.shuffle(members)
        if self.rng.random() < self.further:
            # A table passes over what it has no column for.
            members.insert(self.rng.randint(0, len(members)), ("other", {"c0": [1, "}", None, {"f0": -0.5e-7}], "f0": '"\\'}))
        return Object(members) if members else {}

    def value(self, value, type):
        p = pa.types
        if value is None:
            return None
        if p.is_integer(type):
            return str(value) if self.quoted else value
        if p.is_floating(type):
            return self.floating(value)
        if p.is_decimal(type):
            return f"{value:f}" if self.quoted else f"number:{value:f}"
        if p.is_date(type):
            return c.day_text(value)
        if p.is_timestamp(type):
            return c.moment_text(value)
        if p.is_binary(type):
            return base64.b64encode(value).decode()
        if p.is_map(type):
            return {str(key): self.value(v, type.item_type) for key, v in value}
        if p.is_list(type):
            return [self.value(v, type.value_type) for v in value]
        if p.is_struct(type):
            return self.object([f.name for f in type], value, [f.type for f in type])
        return value

    def floating(self, value):
        if value - value != 0:
            # As Hive's own class has them: numbers that JSON does not know are texts.
            return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
        if self.quoted:
            return repr(value)
        if value == int(value) and abs(value) < 10 ** 15 and self.rng.random() < 0.3 and str(value) != "-0.0":
            return int(value)
        return f"number:{value:.17E}" if self.rng.random() < 0.2 else value


def python_json(table):
    """The function that writes files for tables of one class."""
    def write(rng, columns, folder):
        options = dict(table=table, separators=rng.choice(SPACES), ensure_ascii=rng.random() < 0.5)
        end = rng.choice(["\n", "\n", "\r\n"])
        writer = JSONWriter(rng, table)
        names, types = [column.name for column in columns], [column.type for column in columns]
        lines = []
        for values in zip(*(column.values for column in columns)):
            text = json.dumps(writer.object(names, values, types), separators=options["separators"],
                              ensure_ascii=options["ensure_ascii"])
            lines.append(NUMBER.sub(r"\1", text))
        text = end.join(lines) + (end if lines and rng.random() < 0.8 else "")
        options["suffix"] = save(rng, folder, text)
        return dict(options, style={k: v for k, v in vars(writer).items() if k != "rng"})
    return write


def prepare(columns, table, reader):
    """Hive's own class writes an exponent from 1E-7 down, which DuckDB does not take for a DECIMAL without whole digits."""
    def is_taken(value, type):
        return not pa.types.is_decimal(type) or type.precision > type.scale or abs(value) >= c.decimal.Decimal("1e-6")
    return columns if reader != "duckdb" else c.change(columns, lambda value, type: value if is_taken(value, type) else value * 0)


# MARK: readers


def value_of(value, type):
    """The value of a column that a JSON value stands for."""
    p = pa.types
    if value is None:
        return None
    if p.is_floating(type):
        return float(value)
    if p.is_decimal(type):
        return c.decimal.Decimal(value)
    if p.is_date(type):
        return datetime.date.fromisoformat(value).toordinal() - 719163
    if p.is_timestamp(type):
        seconds, _, fraction = value.partition(".")
        whole = (datetime.datetime.fromisoformat(seconds) - c.EPOCH) // datetime.timedelta(seconds=1)
        return whole * 10 ** 9 + int(fraction.ljust(9, "0"))
    if p.is_binary(type):
        return base64.b64decode(value, validate=True)
    if p.is_map(type):
        return [(key if p.is_string(type.key_type) else int(key), value_of(v, type.item_type)) for key, v in value.items()]
    if p.is_list(type):
        return [value_of(v, type.value_type) for v in value]
    if p.is_struct(type):
        return tuple(value_of(value[f.name], f.type) for f in type)
    return value


def python_reads(case):
    """By Python's module, which gives numbers with a fraction as they are written."""
    read = [[] for _ in case.columns]
    for path in files(case.path):
        for line in read_text(path).split("\n")[:-1]:
            members = json.loads(line, parse_float=c.decimal.Decimal)
            for i, column in enumerate(case.columns):
                read[i].append(value_of(members[column.name], column.type))
    return read


def as_text(type, changed):
    """A type in which those that a reader does not have in JSON are text."""
    if changed(type):
        return pa.string()
    if pa.types.is_map(type):
        return pa.map_(pa.string(), as_text(type.item_type, changed))
    if pa.types.is_list(type):
        return pa.list_(as_text(type.value_type, changed))
    if pa.types.is_struct(type):
        return pa.struct([(f.name, as_text(f.type, changed)) for f in type])
    return type


def plain(value, type):
    """What a reader found of a type of `as_text`, as Python's module has it."""
    if value is None:
        return None
    if pa.types.is_map(type):
        return {key: plain(v, type.item_type) for key, v in value}
    if pa.types.is_list(type):
        return [plain(v, type.value_type) for v in value]
    if pa.types.is_struct(type):
        return {f.name: plain(v, f.type) for f, v in zip(type, value)}
    return c.moment_text(value) if pa.types.is_timestamp(type) else c.day_text(value) if pa.types.is_date(type) else value


def arrow_values(tables, case):
    read = [[] for _ in case.columns]
    for table in tables:
        for i, column in enumerate(case.columns):
            made = table.column(i)
            read[i] += [value_of(plain(c.from_arrow(scalar), made.type), column.type) for chunk in made.chunks for scalar in chunk]
    return read


def pyarrow_reads(case):
    # Of pyarrow's reader binary values are the text as it is, and days are no texts.
    schema = pa.schema([(column.name, as_text(column.type, lambda t: pa.types.is_binary(t) or pa.types.is_date(t)))
                        for column in case.columns])
    options = pa.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    tables = []
    for path in files(case.path):
        text = read_text(path).encode()
        if text:  # which pyarrow refuses without a row
            tables.append(pa.json.read_json(pa.BufferReader(text), pa.json.ReadOptions(block_size=1 << 26), options))
    return arrow_values(tables, case)


def duckdb_type(type):
    p = pa.types
    if p.is_map(type):
        return f"map({duckdb_type(type.key_type)}, {duckdb_type(type.item_type)})"
    if p.is_list(type):
        return f"{duckdb_type(type.value_type)}[]"
    if p.is_struct(type):
        return "struct(" + ", ".join(f"{f.name} {duckdb_type(f.type)}" for f in type) + ")"
    if p.is_decimal(type):
        return f"decimal({type.precision},{type.scale})"
    return {"bool": "boolean", "int8": "tinyint", "int16": "smallint", "int32": "integer", "int64": "bigint", "float": "float",
            "double": "double", "string": "varchar", "date32[day]": "date", "timestamp[us]": "timestamp"}[str(type)]


def duckdb_reads(case):
    connection = duckdb.connect()
    connection.execute("set timezone='UTC'")
    types = [as_text(column.type, pa.types.is_binary) for column in case.columns]
    listed = ", ".join(f"{column.name}: '{duckdb_type(type)}'" for column, type in zip(case.columns, types))
    return arrow_values([connection.sql(
        f"from read_json('{path}', format='newline_delimited', columns={{{listed}}})").to_arrow_table()
        for path in files(case.path)], case)
