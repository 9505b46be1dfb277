"""Bloom filters: files whose row groups have the same bounds and hold some of the values between them each, and questions for
values that are there and that are not. All counts have to be right, the filters have to be there, and most of what is absent has
to be passed over."""
import json
import re
import subprocess

import duckdb
import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet

import columns as c
import storages
import writers as w
from conditions import literal
from files import files
from tables import Case, external

ROWS, GROUPS = 2048, 3  # rows of a row group: DuckDB has none that are smaller
SCALARS = [pa.int16(), pa.int32(), pa.int64(), pa.float32(), pa.float64(), pa.string(), pa.string(), pa.date32(), w.decimals()]
SKIPPED = re.compile(r"TableScanOperator .* parts of files: (\d+), skipped: (\d+)(?:, pages: (\d+), skipped: (\d+))?")


class Questions:
    """Columns, and for each of them values that are absent between its bounds."""

    def __init__(self, generator):
        self.rng = rng = generator.rng
        self.columns, self.asked = [], []
        for i in range(rng.randint(1, 4)):
            type = generator.type()
            drawn = sorted({self.value(generator, type) for _ in range(150)})
            if pa.types.is_timestamp(type):
                drawn = [v for v in drawn if not -10 ** 9 <= v < 0]  # which ORC does not keep
            inner = drawn[1:-1]
            rng.shuffle(inner)
            absent, present = inner[:len(inner) // 3], inner[len(inner) // 3:]
            values, nulls = [], rng.choice([0, 0.1, 0.9])
            for _ in range(GROUPS):
                few = [v for v in present if rng.random() < 0.5] or present
                values += [drawn[0], drawn[-1]] + [None if rng.random() < nulls else rng.choice(few) for _ in range(ROWS - 2)]
            column = c.Column(f"c{i}", type, values)
            self.columns.append(column)
            away = [[v] for v in rng.sample(absent, min(len(absent), 3))]
            there = [[v] for v in rng.sample(present, min(len(present), 2))]
            self.asked += [(column, asked, sum(v in asked for v in values if v is not None))
                           for asked in there + away + [there[0] + away[0]]]

    @staticmethod
    def value(generator, type):
        return f"value {generator.rng.randint(0, 10 ** 6)}" if pa.types.is_string(type) else generator.value(type)

    def absent(self):
        """Columns and values of the questions that no row answers."""
        return [(column, asked[0]) for column, asked, count in self.asked if not count]


def condition(column, asked, program="hiveql"):
    texts = [literal(v, column.type, "" if program == "duckdb" else "L") for v in asked]
    return f"`{column.name}` = {texts[0]}" if len(asked) == 1 else f"`{column.name}` in ({', '.join(texts)})"


class BloomRounds:
    """The parts of a round that ask for values. `rounds` says what is run, and takes what is found."""

    def __init__(self, rounds):
        self.rounds, self.count = rounds, max(rounds.files // 10, 1)

    def run(self):
        for writer, form, write in (("duckdb", "parquet", duckdb_parquet), ("pyarrow", "parquet", pyarrow_parquet),
                                    ("pyarrow", "orc", pyarrow_orc)):
            part = f"{writer} writes bloom filters in {form}, hiveql asks"
            cases = self.drafts(part, form, writer)
            for case in cases:
                case.path = f"{self.rounds.work}/bloom-{writer}-{case.name}.{form}"
                write(case, case.path)
            self.asked_here(part, cases, lambda case: ([], f"{form}.`{case.path}`"))
        part = "hiveql writes bloom filters in parquet, duckdb asks"
        self.asked_of_duckdb(part, self.drafts(part, "parquet", "duckdb"))
        for name, program in self.rounds.others.items():
            for form in ("parquet", "orc"):
                if name == "spark":  # a question is seconds for Hive
                    part = f"hiveql writes bloom filters in {form}, {name} asks"
                    cases, found = self.rounds.tables.written(self.drafts(part, form, name))
                    found += self.wrong_counts(program, cases, lambda case: external(case, True))
                    self.report(part, cases, found)
                elif form == "parquet":  # Hive 2 writes none
                    continue
                part = f"{name} writes bloom filters in {form}, hiveql asks"
                self.asked_here(part, self.rounds.tables.filled(program, self.drafts(part, form, name)), external)

    def drafts(self, part, form, other):
        """Cases whose writers are told to make filters for all columns."""
        cases = []
        for i in self.rounds.wanted(part, self.count):
            days = dict(days=storages.JAVA["days"]) if other in self.rounds.others else {}
            # Of Parquet's timestamps hiveql and Spark write INT96, which has no filter here, and Spark else moments in UTC, of
            # which a TIMESTAMP asks none.
            has_moments = form == "orc" or not part.startswith(("hiveql", "spark"))
            scalars = SCALARS + [pa.timestamp("us")] * has_moments
            generator = self.rounds.generator(part, i, scalars, nested=False, finite=True, **days)
            questions = Questions(generator)
            rate = generator.rng.choice(["0.01", "0.05"])
            if form == "orc":
                chosen = {"orc.bloom.filter.columns": ",".join(column.name for column in questions.columns),
                          "orc.bloom.filter.fpp": rate, "orc.row.index.stride": ROWS}
            else:
                chosen = {"parquet.bloom.filter.enabled": "true", "parquet.bloom.filter.fpp": rate, "parquet.block.size": 50000}
                if generator.rng.random() < 0.5:
                    chosen["parquet.bloom.filter.expected.ndv"] = 200
                if part.startswith("spark"):  # which makes no filter where all values are codes of a dictionary
                    chosen["parquet.enable.dictionary"] = "false"
            case = Case(part, str(i), questions.columns, table=f"stored as {form}", clause=storages.properties(chosen))
            case.questions = questions
            cases.append(case)
        return cases

    # MARK: questions

    def wrong_counts(self, program, cases, source):
        asked = []
        for case in cases:
            first, origin = source(case)
            asked.append(first + [f"select count(*) from {origin} where {condition(column, values)}"
                                  for column, values, _ in case.questions.asked])
        answers, _ = program.ask(asked)
        found = []
        for case, statements, answer in zip(cases, asked, answers):
            counts = [str(count) for _, _, count in case.questions.asked]
            if answer != counts:
                lines = [f"{statement}: {got}, not {count}" for statement, got, count
                         in zip(statements[-len(counts):], answer or [], counts) if got != count]
                found.append((case, lines or [f"{len(answer or [])} answers", program.message(statements)]))
        return found

    def asked_here(self, part, cases, source):
        """Asks hiveql, whose EXPLAIN ANALYZE says what was passed over, and whose description of the files says of the filters."""
        found = self.wrong_counts(self.rounds.hiveql, cases, source)
        filters, explained = 0, []
        for case in cases:
            there = self.columns_with_filters(case)
            filters += len(there)
            missing = [f"{column.name} {column.type}" for column in case.columns if column.name not in there]
            # DuckDB decides itself which columns have dictionaries, and filters.
            if missing and not part.startswith("duckdb"):
                found.append((case, [f"no bloom filter: {', '.join(missing)}"]))
            explained.append([f"explain analyze select count(*) from {source(case)[1]} where {condition(column, [value])}"
                              for column, value in case.questions.absent() if column.name in there])
        answers, _ = self.rounds.hiveql.ask(explained)
        skipped = [SKIPPED.search(line) for answer in answers for line in answer or []]
        skipped = [parts for parts in skipped if parts]
        over = sum(parts[1] == parts[2] or parts[3] is not None and parts[3] == parts[4] for parts in skipped)
        self.report(part, cases, found, filters, over, sum(map(len, explained)))

    def columns_with_filters(self, case):
        """The names of the columns that have a filter in all parts of a case's files."""
        done = subprocess.run([self.rounds.hiveql.command[0], "describe-file", "--json", *files(case.path)],
                              stdout=subprocess.PIPE, check=True)
        parts = [part for line in done.stdout.decode().splitlines() for part in json.loads(line)["parts"]]
        names = [{column["name"] for column in part["columns"] if any("bloom filter" in index for index in column["indexes"])}
                 for part in parts]
        return set.intersection(*names) if names else set()

    def asked_of_duckdb(self, part, drafts):
        """Asks DuckDB, which says too what a filter excludes."""
        cases, found = self.rounds.tables.written(drafts)
        filters = over = asked_absent = 0
        for case in cases:
            filters += len(self.columns_with_filters(case))
            connection = duckdb.connect()
            connection.execute("set timezone='UTC'")
            for column, asked, count in case.questions.asked:
                text = condition(column, asked, "duckdb")
                got = connection.execute(f"select count(*) from read_parquet('{case.path}/*') where {text}").fetchone()[0]
                if got != count:
                    found.append((case, [f"{text}: {got}, not {count}"]))
            for column, value in case.questions.absent():
                if pa.types.is_decimal(column.type):  # of bytes, as they are written here, for which DuckDB asks no filter
                    continue
                asked_absent += 1
                over += connection.execute("select bool_and(bloom_filter_excludes) from parquet_bloom_probe("
                                       f"'{case.path}/*', '{column.name}', {literal(value, column.type, '')})").fetchone()[0]
        self.report(part, cases, found, filters, over, asked_absent)

    def report(self, part, cases, found, filters=None, over=0, absent=0):
        more = f"{sum(len(case.questions.asked) for case in cases)} questions, "
        if filters is not None:
            more += f"{filters} filters, {over} of {absent} absent values passed over, "
            if cases and over < absent * 0.6 or cases and not filters:
                found.append((Case(part, "all", [], options=" "), ["filters do not pass over what is absent"]))
        self.rounds.report(part, len(cases), found, more)


# MARK: writers


def duckdb_parquet(case, path):
    options = dict(compression=case.questions.rng.choice(["uncompressed", "snappy", "zstd"]), row_group_size=ROWS,
                   parquet_version=case.questions.rng.choice(["v1", "v2"]), dictionary_size_limit=100000)
    w.duckdb_copy(case.columns, path, options)
    case.options = options


def pyarrow_parquet(case, path):
    options = dict(row_group_size=ROWS, use_dictionary=case.questions.rng.random() < 0.5,
                   data_page_version=case.questions.rng.choice(["1.0", "2.0"]),
                   bloom_filter_options={column.name: {"ndv": 200, "fpp": 0.01} for column in case.columns})
    pa.parquet.write_table(c.arrow(case.columns), path, **options)
    case.options = options


def pyarrow_orc(case, path):
    options = dict(row_index_stride=ROWS, batch_size=1024, bloom_filter_columns=list(range(1, len(case.columns) + 1)),
                   bloom_filter_fpp=0.01, compression=case.questions.rng.choice(["uncompressed", "zlib", "zstd"]))
    pa.orc.write_table(c.arrow(case.columns), path, **options)
    case.options = options
