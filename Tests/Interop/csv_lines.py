"""Lines of quoted CSV: the tables of OpenCSVSerde, files of Python's module with what that class reads of them, and readers."""
import csv
import io

import duckdb

import columns as c
from files import files, read_text, save
from hive_types import text_literal

WORDS = ["", "", "a", "word", " padded ", ",", "a,b", ",,", '"', '""', 'say "yes"', '"x', 'x"', "'", "it's", "''", "|", ";", "\t",
         "a\tb", "^", "é§è", "§", "日本語", "😀 emoji", "\\", "a\\b", "\\\\", '\\"', "C:\\x\\", "NULL", "\\N", "-1", "#", "x" * 70,
         "y" * 300, "a\nb", "\r\n", "z\r"]
PLAIN = ["", "a", "word", " padded ", "été", "日本語", "NULL", "-1", "x" * 70]


class Dialect:
    """The three characters of a table; None as escape: quotes are doubled."""

    def __init__(self, separator=",", quote='"', escape=None):
        self.separator, self.quote, self.escape = separator, quote, escape

    def table(self, stated):
        named = {"separatorChar": self.separator, "quoteChar": self.quote, "escapeChar": self.escape or self.quote}
        listed = ", ".join(f"'{k}'={text_literal(v)}" for k, v in named.items() if k in stated)
        return "row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde' " + \
            (f"with serdeproperties ({listed}) " if listed else "") + "stored as textfile"

    def python(self):
        return dict(delimiter=self.separator, quotechar=self.quote, escapechar=self.escape, doublequote=self.escape is None)

    def duckdb(self):
        named = {"delim": self.separator, "quote": self.quote, "escape": self.escape or self.quote}
        return ", ".join(f"{k}='{v.replace(chr(39), chr(39) * 2)}'" for k, v in named.items())

    def readable(self, value):
        """A value that OpenCSVSerde reads as it was written: a line is a row, and a backslash vanishes where no other character
        is named."""
        value = value.replace("\n", " ").replace("\r", " ")
        return value if self.escape else value.replace("\\", "/")


# By the clause that makes a table of each. A quote other than '"' cannot be doubled: the class writes '"' before it.
DIALECTS = {d.table(stated): d for d, stated in [
    (Dialect(), []), (Dialect(), []), (Dialect("\t"), ["separatorChar"]), (Dialect(";"), ["separatorChar", "quoteChar"]),
    (Dialect("§"), ["separatorChar"]), (Dialect(",", '"', "\\"), ["escapeChar"]),
    (Dialect("\t", "'", "\\"), ["separatorChar", "quoteChar", "escapeChar"]),
    (Dialect("|", '"', "^"), ["separatorChar", "escapeChar"]), (Dialect(",", "'", "\\"), ["quoteChar", "escapeChar"])]}


def prepare(columns, table, reader):
    """Gives columns values that a reader is to find as hiveql writes them, and returns those that it finds."""
    if reader not in ("python", "duckdb"):
        c.change(columns, lambda value, type: DIALECTS[table].readable(value))
    # NULL and an empty text are one to Python, and to OpenCSVSerde but for lines without a byte.
    if reader == "python" or reader != "duckdb" and len(columns) > 1:
        return [c.Column(column.name, column.type, [v or "" for v in column.values]) for column in columns]
    return columns


def python_csv(rng, columns, folder):
    table = rng.choice(list(DIALECTS))
    dialect = DIALECTS[table]
    c.change(columns, lambda value, type: dialect.readable(value))
    options = dict(table=table, end=rng.choice(["\n", "\n", "\r\n"]), quoting=csv.QUOTE_ALL)
    if dialect.escape is None:
        # Python escapes outside of quotes too, where OpenCSVSerde lets an escape vanish.
        options["quoting"] = rng.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC])
    rows = [list(values) for values in zip(*(column.values for column in columns))]
    broken = rng.random() < 0.2
    if broken:
        options["quoting"] = csv.QUOTE_ALL
        rows, expected = broken_lines(rng, len(columns), len(rows))
    elif rng.random() < 0.4:
        options["lengths"] = "any"
        rows, expected = other_lengths(rng, rows)
    else:
        expected = [[v or "" for v in row] for row in rows]
    if rng.random() < 0.2 and not broken:
        options["properties"] = "tblproperties ('skip.header.line.count'='1')"
        rows.insert(0, [column.name for column in columns])
    text = io.StringIO()
    csv.writer(text, lineterminator=options["end"], quoting=options["quoting"], **dialect.python()).writerows(rows)
    options["suffix"] = save(rng, folder, text.getvalue())
    for i, column in enumerate(columns):
        column.values = [row[i] for row in expected]
    return options


def other_lengths(rng, rows):
    """Lines without their last fields, which are NULL, or with further ones, which are ignored."""
    written, expected = [], []
    for row in rows:
        count = rng.randint(0, len(row) + 2)
        written.append((row + ["further", ""])[:count])
        expected.append([v or "" for v in row[:count]] + [None] * (len(row) - count))
    return written, expected


def broken_lines(rng, width, count):
    """Rows with a line end in one value. A line is a row: the first one loses that field and those behind it; a line between
    is a field of its own; in the last one all quotes have changed their sides: it ends between them and loses its only field."""
    written, expected = [], []
    for _ in range(count):
        row = [rng.choice(PLAIN) for _ in range(width)]
        if rng.random() < 0.3:
            place = rng.randrange(width)
            between = [rng.choice(["", "a", "b c", "été"]) for _ in range(rng.choice([0, 0, 1, 2]))]
            expected.append(row[:place] + [None] * (width - place))
            expected += [[text or None] + [None] * (width - 1) for text in between]
            expected.append([None] * width)
            row[place] = "\n".join(["begin", *between, "end"])
        else:
            expected.append(row)
        written.append(row)
    return written, expected


# MARK: readers


def python_reads(case):
    read = [[] for _ in case.columns]
    for path in files(case.path):
        for row in csv.reader(io.StringIO(read_text(path), newline=""), strict=True, **DIALECTS[case.table].python()):
            # A line without a byte is a row of one column.
            row = row or [""]
            for i in range(len(case.columns)):
                read[i].append(row[i])
    return read


def duckdb_reads(case):
    listed = ", ".join(f"{column.name}: 'varchar'" for column in case.columns)
    options = f"auto_detect=false, header=false, allow_quoted_nulls=false, new_line='\\n', {DIALECTS[case.table].duckdb()}"
    read = [[] for _ in case.columns]
    for path in files(case.path):
        for row in duckdb.connect().execute(f"from read_csv('{path}', {options}, columns={{{listed}}})").fetchall():
            for i, value in enumerate(row):
                read[i].append(value)
    return read
