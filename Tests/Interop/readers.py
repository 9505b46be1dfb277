"""What other programs read of a case's file, or of the folder that hiveql wrote: the values by column."""
import duckdb
import fastavro
import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet

import columns as c
import csv_lines
import json_lines
from files import files


def joined(tables, columns):
    """The values of tables one below the other; timestamps that were read in a coarser unit are those of the column."""
    read = [[] for _ in columns]
    for table in tables:
        for i in range(len(columns)):
            for chunk in table.column(i).chunks:
                read[i] += [c.from_arrow(scalar) for scalar in chunk]
    return read


def pyarrow_parquet(case):
    return joined([pa.parquet.ParquetFile(path, coerce_int96_timestamp_unit=unit(case.columns), page_checksum_verification=True).read()
                   for path in files(case.path)], case.columns)


def unit(columns):
    """Nanoseconds, unless 64 bits of them do not hold what a column has."""
    return "us" if any(pa.types.is_timestamp(t) and t.unit != "ns" for column in columns for t in types(column.type)) else "ns"


def types(type):
    if pa.types.is_nested(type):
        return [t for i in range(type.num_fields) for t in types(type.field(i).type)]
    return [type]


def pyarrow_orc(case):
    return joined([pa.orc.ORCFile(path).read() for path in files(case.path)], case.columns)


def duckdb_parquet(case):
    connection = duckdb.connect()
    connection.execute("set timezone='UTC'")
    return joined([connection.sql(f"select * from read_parquet('{path}')").to_arrow_table() for path in files(case.path)], case.columns)


def fastavro_avro(case):
    read = [[] for _ in case.columns]
    for path in files(case.path):
        with open(path, "rb") as f:
            for record in fastavro.reader(f):
                for i, value in enumerate(record.values()):
                    read[i].append(from_python(value, case.columns[i].type))
    return read


def from_python(value, type):
    if value is None:
        return None
    p = pa.types
    if p.is_timestamp(type):
        return (value.replace(tzinfo=None) - c.EPOCH) // c.MICROSECOND * 1000
    if p.is_date(type):
        return value.toordinal() - 719163
    if p.is_map(type):
        return [(k, from_python(v, type.item_type)) for k, v in value.items()]
    if p.is_list(type):
        return [from_python(v, type.value_type) for v in value]
    if p.is_struct(type):
        return tuple(from_python(v, f.type) for v, f in zip(value.values(), type))
    return value


READERS = {"parquet": {"pyarrow": pyarrow_parquet, "duckdb": duckdb_parquet}, "orc": {"pyarrow": pyarrow_orc},
           "avro": {"fastavro": fastavro_avro},
           "json": {"python": json_lines.python_reads, "pyarrow": json_lines.pyarrow_reads, "duckdb": json_lines.duckdb_reads},
           "hcatalog": {"python": json_lines.python_reads, "duckdb": json_lines.duckdb_reads},
           "csv": {"python": csv_lines.python_reads, "duckdb": csv_lines.duckdb_reads}}
