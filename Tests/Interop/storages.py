"""How hiveql, Hive and Spark store tables: clauses, and options that a seeded generator draws."""
import pyarrow as pa

import columns as c
import csv_lines
import json_lines
import writers as w


class Storage:
    """The clauses of a table, of which one is drawn, and the one that Spark has instead; types and shapes that the format has,
    those that single readers have, and options that a generator draws. `prepare` changes what a format or a reader does not
    keep, and returns the columns that are to be found."""

    def __init__(self, tables, scalars, options, spark=None, limits={}, prepare=None, **generator):
        self.tables = [tables] if isinstance(tables, str) else list(tables)
        self.scalars, self.options, self.spark, self.limits, self.generator = scalars, options, spark, limits, generator
        self.prepare = prepare or (lambda columns, table, reader: columns)


def properties(chosen):
    return "tblproperties (" + ", ".join(f"'{k}'='{v}'" for k, v in chosen.items()) + ")" if chosen else ""


def parquet_options(rng, columns, modern):
    chosen = {"parquet.compression": rng.choice(["UNCOMPRESSED", "SNAPPY", "GZIP"] + ["ZSTD", "BROTLI", "LZ4"] * modern)}
    if rng.random() < 0.3:
        chosen["parquet.enable.dictionary"] = "false"
    if rng.random() < 0.3:
        chosen["parquet.page.size"] = rng.choice([100, 5000])
    if rng.random() < 0.3:
        chosen["parquet.dictionary.page.size"] = rng.choice([100, 1000])
    if rng.random() < 0.3:
        chosen["parquet.block.size"] = rng.choice([1024, 100000])
    return [], properties(chosen)


def orc_options(rng, columns, modern):
    chosen = {"orc.compress": rng.choice(["NONE", "ZLIB", "SNAPPY"] + ["LZ4", "ZSTD"] * modern), "orc.compress.size": rng.choice([1024, 16384, 262144])}
    if rng.random() < 0.4:
        chosen["orc.row.index.stride"] = rng.choice([1000, 1500])
    if rng.random() < 0.3:
        chosen["orc.stripe.size"] = rng.choice([4096, 100000])
    if rng.random() < 0.3:
        chosen["orc.bloom.filter.columns"] = columns[0].name
    return [], properties(chosen)


def compressed(codecs, more=lambda rng: []):
    def options(rng, columns, modern):
        codec = rng.choice(["", *codecs])
        settings = [f"set hive.exec.compress.output={'true' if codec else 'false'}"]
        if codec:
            settings.append(f"set mapreduce.output.fileoutputformat.compress.codec=org.apache.hadoop.io.compress.{codec}")
        return settings + more(rng), ""
    return options


def line_codecs(rng, columns, modern):
    return compressed(["GzipCodec", "ZStandardCodec"] if modern else HADOOP_CODECS)(rng, columns, modern)


def avro_options(rng, columns, modern):
    codec = rng.choice(["", "deflate", "snappy", "bzip2"])
    return [f"set hive.exec.compress.output={'true' if codec else 'false'}"] + ([f"set avro.output.codec={codec}"] if codec else []), ""


def sequence_type(rng):
    return [f"set mapreduce.output.fileoutputformat.compress.type={rng.choice(['RECORD', 'BLOCK'])}"]


def no_last_second(columns, table, reader):
    """ORC does not keep fractions within the second before 1970; nor do its writers agree on what becomes of them."""
    return c.change(columns, lambda value, type: 0 if pa.types.is_timestamp(type) and -10 ** 9 <= value < 0 else value)


SERDE = "row format serde 'org.apache.hadoop.hive.serde2."
HADOOP_CODECS = ["DefaultCodec", "GzipCodec", "BZip2Codec"]
STORAGES = {
    "parquet": Storage("stored as parquet", w.COMMON + [pa.timestamp("ns")], parquet_options),
    "orc": Storage("stored as orc", w.COMMON + [pa.timestamp("ns")], orc_options, prepare=no_last_second),
    "avro": Storage("stored as avro", [pa.bool_(), pa.int32(), pa.int64(), pa.float32(), pa.float64(), pa.string(), pa.binary(),
                                       pa.date32(), w.decimals(), pa.timestamp("ms")], avro_options, key_types=[pa.string()]),
    "sequence": Storage(f"{SERDE}lazybinary.LazyBinarySerDe' stored as sequencefile", w.COMMON + [pa.timestamp("ns")],
                        compressed(HADOOP_CODECS, sequence_type)),
    "rcfile": Storage(f"{SERDE}columnar.LazyBinaryColumnarSerDe' stored as rcfile", w.COMMON + [pa.timestamp("ns")],
                      compressed(HADOOP_CODECS), empty_binary=False),
    "rctext": Storage(f"{SERDE}columnar.ColumnarSerDe' stored as rcfile", w.COMMON + [pa.timestamp("ns")],
                      compressed(HADOOP_CODECS), nested=False),
    "text": Storage("stored as textfile", w.COMMON + [pa.timestamp("ns")], compressed(HADOOP_CODECS), nested=False),
    # pyarrow's reader of JSON has no maps, no numbers that are texts, and keeps microseconds; to Spark's all keys are texts.
    "json": Storage(json_lines.OWN, w.COMMON + [pa.timestamp("ns")], line_codecs, spark="using json", prepare=json_lines.prepare,
                    limits={"pyarrow": dict(maps=False, finite=True, timestamps="us"), "spark": dict(key_types=[pa.string()])},
                    words=c.ESCAPED_WORDS),
    # HCatalog's class writes binary values and numbers that JSON does not know as they are, which is no JSON.
    "hcatalog": Storage(json_lines.HCATALOG, [t for t in w.COMMON if t != pa.binary()] + [pa.timestamp("ns")], line_codecs,
                        words=c.ESCAPED_WORDS, finite=True),
    "csv": Storage(csv_lines.DIALECTS, [pa.string()], line_codecs, nested=False, words=csv_lines.WORDS, prepare=csv_lines.prepare),
}
# Before 15 October 1582 Hive and Spark count days by another calendar than files say; recorded files cover those. DuckDB reads
# INT96 as microseconds; Spark has no others.
JAVA = dict(days=(-141000, c.LAST_DAY), nested_words=c.PLAIN_WORDS)
LIMITS = {"hive": JAVA, "spark": dict(JAVA, timestamps="us"), "duckdb": dict(timestamps="us")}
# What reads and writes which storages; Hive 2 has no class for JSON.
FORMATS = {"hive": [form for form in STORAGES if form not in ("json", "hcatalog")], "spark": ["parquet", "orc", "avro", "json"]}


def spark_options(rng, form):
    """Settings and clauses by which Spark writes a table."""
    if form == "parquet":
        return [f"set spark.sql.parquet.compression.codec={rng.choice(['uncompressed', 'snappy', 'gzip', 'zstd', 'lz4_raw'])}",
                f"set parquet.writer.version={rng.choice(['v1', 'v2'])}",
                f"set spark.sql.parquet.outputTimestampType={rng.choice(['INT96', 'TIMESTAMP_MICROS'])}",
                f"set spark.sql.parquet.writeLegacyFormat={rng.choice(['true', 'false'])}",
                f"set parquet.enable.dictionary={rng.choice(['true', 'true', 'false'])}",
                f"set parquet.page.size={rng.choice([1048576, 5000, 100])}",
                f"set parquet.page.row.count.limit={rng.choice([20000, 100])}",
                f"set parquet.block.size={rng.choice([134217728, 100000, 1024])}"], ""
    if form == "orc":
        return [f"set spark.sql.orc.compression.codec={rng.choice(['none', 'snappy', 'zlib', 'zstd', 'lz4'])}",
                f"set orc.row.index.stride={rng.choice([10000, 1000])}", f"set orc.compress.size={rng.choice([262144, 1024])}",
                f"set orc.stripe.size={rng.choice([67108864, 4096])}",
                f"set orc.dictionary.key.threshold={rng.choice([0.8, 0, 1])}"], ""
    if form == "json":
        # Without a format Spark writes milliseconds.
        chosen = {"timestampFormat": "yyyy-MM-dd HH:mm:ss.SSSSSS", "ignoreNullFields": rng.choice(["true", "false"]),
                  "compression": rng.choice(["none", "gzip", "bzip2", "deflate"])}
        return [], "options (" + ", ".join(f"{k} '{v}'" for k, v in chosen.items()) + ")"
    return [], ""
