"""Parquet files written byte by byte, for what today's writers do not write any more: legacy lists, bit-packed levels,
dictionaries at odd places. Pages are of version 1, uncompressed, values plain."""
import struct


def varint(n):
    out = b""
    while n >= 128:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def zigzag(n):
    return varint(n << 1 if n >= 0 else (-n << 1) - 1)


class Struct:
    """Fields by id: True/False, int (i32), ('i8', n), ('i64', n), bytes or str, list, Struct."""

    def __init__(self, **fields):
        self.fields = sorted((int(k[1:]), v) for k, v in fields.items() if v is not None)

    def encode(self):
        out, last = b"", 0
        for key, value in self.fields:
            kind, body = encode(value)
            out += bytes([(key - last) << 4 | kind]) if 0 < key - last < 16 else bytes([kind]) + zigzag(key)
            out += body
            last = key
        return out + b"\0"


def encode(value):
    if value is True or value is False:
        return (1 if value else 2), b""
    if isinstance(value, int):
        return 5, zigzag(value)
    if isinstance(value, tuple):
        return (3, struct.pack("b", value[1])) if value[0] == "i8" else (6, zigzag(value[1]))
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return 8, varint(len(value)) + value
    if isinstance(value, list):
        items = [encode(v) for v in value]
        kind = items[0][0] if items else 12
        head = bytes([len(items) << 4 | kind]) if len(items) < 15 else bytes([0xF0 | kind]) + varint(len(items))
        return 9, head + b"".join(body for _, body in items)
    return 12, value.encode()


BOOLEAN, INT32, INT64, INT96, FLOAT, DOUBLE, BYTE_ARRAY, FIXED = range(8)
REQUIRED, OPTIONAL, REPEATED = range(3)


def element(name, type=None, repetition=None, children=None, converted=None, logical=None, length=None, scale=None,
            precision=None):
    return Struct(f1=type, f2=length, f3=repetition, f4=name, f5=children, f6=converted, f7=scale, f8=precision, f10=logical)


def hybrid(values, width):
    """Runs of equal values."""
    out, i = b"", 0
    while i < len(values):
        j = i
        while j < len(values) and values[j] == values[i]:
            j += 1
        out += varint((j - i) << 1) + values[i].to_bytes((width + 7) // 8, "little")
        i = j
    return out


def packed_big(values, width):
    bits = "".join(format(v, f"0{width}b") for v in values)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def plain(type, values):
    form = {INT32: "<i", INT64: "<q", FLOAT: "<f", DOUBLE: "<d"}.get(type)
    if form:
        return b"".join(struct.pack(form, v) for v in values)
    if type == BYTE_ARRAY:
        return b"".join(struct.pack("<I", len(v)) + v for v in values)
    return b"".join(values)


class Column:
    """A leaf: its path, levels (None when there are none) and values of a page; `more`: further pages."""

    def __init__(self, path, type, values, definition=None, repetition=None, d=0, r=0, bit_packed=False,
                 dictionary=None, dictionary_last=False, statistics=None, wrong_dictionary_offset=None, more=()):
        self.__dict__.update(locals())


def page(column):
    body = b""
    count = len(column.values) if column.definition is None else len(column.definition)
    for levels, maximum in ((column.repetition, column.r), (column.definition, column.d)):
        if maximum:
            width = maximum.bit_length()
            if column.bit_packed:
                body += packed_big(levels, width)
            else:
                runs = hybrid(levels, width)
                body += struct.pack("<I", len(runs)) + runs
    level = 4 if column.bit_packed else 3
    if column.dictionary is None:
        body += plain(column.type, column.values)
        encoding = 0
    else:
        width = max((len(column.dictionary) - 1).bit_length(), 1)
        body += bytes([width]) + hybrid([column.dictionary.index(v) for v in column.values], width)
        encoding = 2
    header = Struct(f1=0, f2=len(body), f3=len(body), f5=Struct(f1=count, f2=encoding, f3=level, f4=level))
    return header.encode() + body, count


def dictionary_page(column):
    body = plain(column.type, column.dictionary)
    header = Struct(f1=2, f2=len(body), f3=len(body), f7=Struct(f1=len(column.dictionary), f2=2))
    return header.encode() + body


def write(path, schema, columns, rows, file_fields=None):
    data = b"PAR1"
    chunks = []
    for column in columns:
        start = len(data)
        dictionary_offset = None
        pages = [page(part) for part in (column, *column.more)]
        body, count = b"".join(body for body, _ in pages), sum(count for _, count in pages)
        if column.dictionary and not column.dictionary_last:
            dictionary_offset = len(data)
            data += dictionary_page(column)
        data_offset = len(data)
        data += body
        if column.dictionary and column.dictionary_last:
            dictionary_offset = len(data)
            data += dictionary_page(column)
        if column.wrong_dictionary_offset is not None:
            # As some writers have it: the data pages begin at the dictionary, whose own place is nonsense.
            data_offset, dictionary_offset = start, column.wrong_dictionary_offset
        size = len(data) - start
        meta = Struct(f1=column.type, f2=[0, 3], f3=column.path, f4=0, f5=("i64", count), f6=("i64", size),
                      f7=("i64", size), f9=("i64", data_offset),
                      f11=None if dictionary_offset is None else ("i64", dictionary_offset), f12=column.statistics)
        chunks.append(Struct(f2=("i64", start), f3=meta))
    group = Struct(f1=chunks, f2=("i64", len(data) - 4), f3=("i64", rows))
    fields = dict(f1=1, f2=schema, f3=("i64", rows), f4=[group], f6="thrift_file.py")
    fields.update(file_fields or {})
    footer = Struct(**fields).encode()
    with open(path, "wb") as f:
        f.write(data + footer + struct.pack("<I", len(footer)) + b"PAR1")
