"""Files of other writers: each function writes columns by options that a seeded generator draws, and returns the options."""
import datetime

import duckdb
import fastavro
import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet

import columns as c


def decimals(most=38):
    def make(rng):
        precision = rng.choice([1, 4, 9, 10, 18, 19, 28, 38])
        precision = min(precision, most)
        return pa.decimal128(precision, rng.choice([0, precision // 2, min(2, precision), precision]))
    return make


INTEGERS = [pa.int8(), pa.int16(), pa.int32(), pa.int64()]
UNSIGNED = [pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]
COMMON = [pa.bool_(), *INTEGERS, pa.float32(), pa.float64(), pa.string(), pa.string(), pa.binary(), pa.date32(), decimals()]
FIXED = lambda rng: pa.binary(rng.choice([1, 3, 12, 16, 20]))


def moment(*units, zone=False):
    return lambda rng: pa.timestamp(rng.choice(units), "UTC" if zone and rng.random() < 0.3 else None)


PARQUET = COMMON + UNSIGNED + [pa.float16(), FIXED, moment("s", "ms", "us", "ns", zone=True), moment("ms", "us", "ns"),
                               pa.time32("ms"), pa.time64("us"), pa.time64("ns")]


def encoding(rng, type, version):
    """One that the writer has for a column without a dictionary."""
    p = pa.types
    known = ["PLAIN"]
    if p.is_boolean(type):
        known.append("RLE")
    elif p.is_integer(type) or p.is_date(type) or p.is_timestamp(type) or p.is_time(type):
        known += ["DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"]
    elif p.is_floating(type):
        known += ["BYTE_STREAM_SPLIT"]
    elif p.is_string(type) or p.is_binary(type):
        known += ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"]
    elif p.is_fixed_size_binary(type) or p.is_decimal(type):
        known += ["DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT"]
    return rng.choice(known)


def leaves(name, type):
    """The paths and types of a column's leaves."""
    if pa.types.is_map(type):
        return leaves(f"{name}.key_value.key", type.key_type) + leaves(f"{name}.key_value.value", type.item_type)
    if pa.types.is_list(type):
        return leaves(f"{name}.list.element", type.value_type)
    if pa.types.is_struct(type):
        return [leaf for f in type for leaf in leaves(f"{name}.{f.name}", f.type)]
    return [(name, type)]


def pyarrow_parquet(rng, columns, path):
    page_version = rng.choice(["1.0", "2.0"])
    options = dict(
        compression=rng.choice(["none", "snappy", "gzip", "zstd", "brotli", "lz4"]), data_page_version=page_version,
        version=rng.choice(["1.0", "2.4", "2.6", "2.6"]), row_group_size=rng.choice([None, None, 1000, 100, 17, 64, 1]),
        data_page_size=rng.choice([None, None, 1, 100, 1000, 10000]), write_batch_size=rng.choice([None, 1, 7, 64, 1000]),
        write_statistics=rng.random() < 0.8, write_page_index=rng.random() < 0.4, write_page_checksum=rng.random() < 0.4,
        store_schema=rng.random() < 0.5, use_compliant_nested_type=True)
    units = {type.unit for column in columns for _, type in leaves(column.name, column.type) if pa.types.is_timestamp(type)}
    if "ns" in units:
        # Other versions have no nanoseconds; pyarrow ends the process over it.
        options["version"] = "2.6"
    rows = len(columns[0].values)
    if options["row_group_size"] == 1 and rows > 300:
        options["row_group_size"] = 64
    if rng.random() < 0.5:
        options.update(use_dictionary=False, column_encoding={
            name: encoding(rng, type, page_version) for column in columns for name, type in leaves(column.name, column.type)})
    else:
        options.update(use_dictionary=True, dictionary_pagesize_limit=rng.choice([None, 1, 200, 5000]))
        options["use_compliant_nested_type"] = rng.random() < 0.7
    if rng.random() < 0.3:
        options["store_decimal_as_integer"] = True
    # 64 bits of nanoseconds do not hold what a coarser unit does, and pyarrow reads all of a file in one unit.
    if options["use_dictionary"] and rng.random() < 0.3 and len(units) == 1 and units != {"s"}:
        options["use_deprecated_int96_timestamps"] = True
    if rng.random() < 0.3:
        options["max_rows_per_page"] = rng.choice([1, 10, 100])
    if rng.random() < 0.2:
        options["use_content_defined_chunking"] = True
    bloom = {column.name: {"ndv": max(rows, 1), "fpp": 0.05} for column in columns
             if not pa.types.is_nested(column.type) and not pa.types.is_boolean(column.type) and rng.random() < 0.3}
    if bloom and rng.random() < 0.5:
        options["bloom_filter_options"] = bloom
    pa.parquet.write_table(c.arrow(columns), path, **options)
    return options


ORC = COMMON + [moment("ns"), pa.timestamp("ns", "UTC")]


def pyarrow_orc(rng, columns, path):
    options = dict(
        file_version=rng.choice(["0.11", "0.12", "0.12"]), compression=rng.choice(["uncompressed", "zlib", "snappy", "lz4", "zstd"]),
        compression_block_size=rng.choice([65536, 131072, 262144]), stripe_size=rng.choice([1024, 16384, 1 << 20, 64 << 20]),
        batch_size=rng.choice([1, 10, 100, 1024]), row_index_stride=rng.choice([10000, 10000, 1000, 100]),
        dictionary_key_size_threshold=rng.choice([0.0, 0.0, 0.5, 1.0]), compression_strategy=rng.choice(["speed", "compression"]),
        padding_tolerance=rng.choice([0.0, 0.05]))
    if rng.random() < 0.4:
        options.update(bloom_filter_columns=[i + 1 for i in range(len(columns)) if rng.random() < 0.5],
                       bloom_filter_fpp=rng.choice([0.01, 0.2]))
    pa.orc.write_table(c.arrow(columns), path, **options)
    return options


DUCKDB = [t for t in COMMON if t != pa.binary()] + [pa.binary()] + UNSIGNED + [moment("ms", "us", "ns", zone=False)]


def duckdb_parquet(rng, columns, path):
    options = dict(compression=rng.choice(["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw", "lz4"]),
                   parquet_version=rng.choice(["v1", "v2"]), row_group_size=rng.choice([2048, 4096, 122880]))
    if rng.random() < 0.3:
        options["string_dictionary_page_size_limit"] = rng.choice([100, 10000])
    if rng.random() < 0.3:
        options["dictionary_size_limit"] = rng.choice([1, 100])
    duckdb_copy(columns, path, options)
    return options


def duckdb_copy(columns, path, options):
    connection = duckdb.connect()
    connection.execute("set timezone='UTC'")
    connection.execute("set threads=1")
    connection.register("source", c.arrow(columns))
    text = ", ".join(f"{k} '{v}'" if isinstance(v, str) else f"{k} {v}" for k, v in options.items())
    connection.execute(f"copy (select * from source) to '{path}' (format parquet, {text})")


AVRO = [pa.bool_(), pa.int32(), pa.int64(), pa.float32(), pa.float64(), pa.string(), pa.binary(), pa.date32(), decimals(),
        FIXED, moment("ms", "us"), moment("ms", "us")]


def avro_schema(rng, type, names):
    """A schema of a type, between unions with null, in one order or the other, where a value may be NULL."""
    p = pa.types
    names.append("")
    name = f"n{len(names)}"
    if p.is_map(type):
        made = {"type": "map", "values": avro_schema(rng, type.item_type, names)}
    elif p.is_list(type):
        made = {"type": "array", "items": avro_schema(rng, type.value_type, names)}
    elif p.is_struct(type):
        made = {"type": "record", "name": name, "fields": [
            {"name": f.name, "type": avro_schema(rng, f.type, names)} for f in type]}
    elif p.is_timestamp(type):
        unit = {"ms": "millis", "us": "micros"}[type.unit]
        made = {"type": "long", "logicalType": f"local-timestamp-{unit}"}
    elif p.is_decimal(type):
        made = {"logicalType": "decimal", "precision": type.precision, "scale": type.scale}
        if rng.random() < 0.5:
            made.update(type="bytes")
        else:
            made.update(type="fixed", name=name, size=(int(type.precision * 3.3220) + 1) // 8 + 1)
    elif p.is_fixed_size_binary(type):
        made = {"type": "fixed", "name": name, "size": type.byte_width}
    elif p.is_date(type):
        made = {"type": "int", "logicalType": "date"}
    else:
        made = {"bool": "boolean", "int32": "int", "int64": "long", "float": "float", "double": "double", "string": "string",
                "binary": "bytes"}[str(type)]
    return ["null", made] if rng.random() < 0.7 else [made, "null"]


def avro_value(value, type):
    if value is None:
        return None
    if pa.types.is_timestamp(type):
        return value // c.UNITS[type.unit]
    if pa.types.is_map(type):
        return {k: avro_value(v, type.item_type) for k, v in value}
    if pa.types.is_list(type):
        return [avro_value(v, type.value_type) for v in value]
    if pa.types.is_struct(type):
        return {f.name: avro_value(v, f.type) for f, v in zip(type, value)}
    if pa.types.is_date(type):
        return datetime.date.fromordinal(value + 719163)
    return value


def fastavro_avro(rng, columns, path):
    options = dict(codec=rng.choice(["null", "deflate", "snappy", "zstandard", "bzip2"]),
                   sync_interval=rng.choice([1, 100, 16000]))
    schema = {"type": "record", "name": "Row", "namespace": "a.b", "fields": []}
    names = []
    for column in columns:
        made = avro_schema(rng, column.type, names)
        if None not in column.values and rng.random() < 0.4:
            made = next(branch for branch in made if branch != "null")
        schema["fields"].append({"name": column.name, "type": made})
    rows = [{column.name: avro_value(column.values[i], column.type) for column in columns} for i in range(len(columns[0].values))]
    with open(path, "wb") as f:
        fastavro.writer(f, schema, rows, **options)
    return dict(options, schema=schema)
