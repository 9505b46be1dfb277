"""The parts of a round: who writes, who reads, and what has to be the same."""
import os
import random

import pyarrow as pa

import columns as c
import readers
import writers as w
from hive_types import hive_type
from programs import Program, parsed, query

# Before 15 October 1582 Hive and Spark count days by another calendar than files say; recorded files cover those.
GREGORIAN = (-141000, c.LAST_DAY)
STRING_KEYS = [pa.string()]


class Case:
    """A file, or a folder of files, and the columns that it has to hold."""

    def __init__(self, name, columns, path, options):
        self.name, self.columns, self.path, self.options = name, columns, path, options


class Rounds:
    def __init__(self, hiveql, commands, options, work):
        self.seed, self.files, self.options, self.work, self.failed = options.seed, options.files, options, work, 0
        self.warehouse = f"{work}/warehouse"
        self.hiveql = Program("hiveql", [hiveql, "--hiveconf", f"hive.metastore.warehouse.dir={self.warehouse}",
                                         "--hiveconf", "hive.local.time.zone=UTC"], work)
        self.others = {name: Program(name, command, work) for name, command in commands.items()}

    def run(self):
        self.read("pyarrow", "parquet", w.PARQUET, w.pyarrow_parquet)
        self.read("pyarrow", "orc", w.ORC, w.pyarrow_orc)
        self.read("duckdb", "parquet", w.DUCKDB, w.duckdb_parquet)
        self.read("fastavro", "avro", w.AVRO, w.fastavro_avro, key_types=STRING_KEYS)
        for form in w.STORAGES:
            self.write(form)
        for name, program in self.others.items():
            self.read_of(name, program)
        print(self.failed, "differences")
        return self.failed

    # MARK: files

    def generator(self, part, number, scalars, **options):
        return c.Generator(random.Random(f"{self.seed} {part} {number}"), scalars, **options)

    def wanted(self, part, count):
        if self.options.only not in part:
            return []
        return [i for i in range(count) if self.options.case in ("", str(i))]

    def report(self, part, count, found):
        """Prints the differences of a part: pairs of a case and what it differs in."""
        if count:
            print(f"{part}: {count} files, {len(found)} different", flush=True)
        for case, lines in found:
            print(f"  {part} {case.name} {case.options}")
            for line in lines[:3]:
                print("   ", line)
        self.failed += len(found)

    # MARK: hiveql reads

    def read(self, writer, form, scalars, write, **options):
        part = f"{writer} writes {form}, hiveql reads"
        folder = f"{self.work}/{writer}-{form}"
        os.makedirs(folder, exist_ok=True)
        cases, left_out = [], []
        for i in self.wanted(part, self.files):
            generator = self.generator(part, i, scalars, **options)
            columns = generator.table()
            path = f"{folder}/{i}.{form}"
            try:
                case = Case(str(i), columns, path, write(generator.rng, columns, path))
                as_written(case, readers.READERS[form][writer])
                cases.append(case)
            except Exception as error:  # options that a writer refuses together, files that it cannot read itself
                left_out.append(f"{i}: {error}")
        if left_out:
            print(f"  {len(left_out)} files of {writer} left out, as it refused to write or read them ({left_out[0]})")
        found = []
        for at in range(0, len(cases), 50):
            found += self.compare(self.hiveql, cases[at:at + 50], lambda case: ([], f"{form}.`{case.path}`"))
        self.report(part, len(cases), found)

    def compare(self, program, cases, source):
        """What a program reads otherwise than the cases have it. `source` gives statements that come first, and what stands
        behind FROM."""
        questions = []
        for case in cases:
            first, origin = source(case)
            rng = random.Random(f"{self.seed} {case.name} questions")
            some = rng.sample(case.columns, rng.randint(1, len(case.columns)))
            condition, kept = predicate(rng, case.columns)
            questions.append((first + [query(case.columns, origin)], case.columns, None))
            questions.append(([query(some, origin)], some, None))
            questions.append(([f"select count(*) from {origin} where {condition}"], None, kept))
        answers, _ = program.ask([statements for statements, _, _ in questions])
        found = []
        for number, case in enumerate(cases):
            lines = []
            first, origin = source(case)
            for (statements, columns, count), answer in zip(questions[number * 3:number * 3 + 3], answers[number * 3:number * 3 + 3]):
                try:
                    if columns:
                        lines += c.differences(columns, parsed(answer or [], columns))
                    elif answer != [str(count)]:
                        lines.append(f"{statements[-1]}: {answer}, not {count}")
                except ValueError as error:
                    lines.append(str(error))
            if lines:
                said = program.message(first + questions[number * 3][0][-1:])
                found.append((case, lines + [said]))
        return found

    # MARK: hiveql writes

    def write(self, form):
        storage = w.STORAGES[form]
        for reader, read in readers.READERS.get(form, {}).items():
            part = f"hiveql writes {form}, {reader} reads"
            cases, found = self.written(part, form, self.wanted(part, self.files), reader)
            for case in cases:
                try:
                    lines = c.differences(case.columns, read(case.path, case.columns))
                except Exception as error:  # whatever a reader says of a file is what is asked for
                    lines = [f"{type(error).__name__}: {error}"]
                if lines:
                    found.append((case, lines))
            self.report(part, len(cases), found)
        for name, program in self.others.items():
            if name == "spark" and form not in w.SPARK_FORMATS:
                continue
            part = f"hiveql writes {form}, {name} reads"
            cases, found = self.written(part, form, self.wanted(part, max(self.files // 10, 1)), name)
            if cases:
                found += self.compare(program, cases, lambda case: self.external(part, case, storage))
            self.report(part, len(cases), found)

    def external(self, part, case, storage):
        """Statements that make a table of a folder, and its name."""
        name = "t_" + "".join(ch if ch.isalnum() else "_" for ch in f"{part} {case.name}")
        listed = ", ".join(f"`{column.name}` {hive_type(column.type)}" for column in case.columns)
        form = storage.table
        return [f"drop table if exists {name}",
                f"create external table {name} ({listed}) {form} location 'file://{case.path}'"], name

    def written(self, part, form, numbers, reader):
        """Folders of files that hiveql wrote for a reader, and the cases that it did not."""
        storage = w.STORAGES[form]
        folder = f"{self.work}/sources"
        os.makedirs(folder, exist_ok=True)
        cases, questions = [], []
        for i in numbers:
            rng, columns = self.columns(part, i, form, reader)
            name = "w_" + "".join(ch if ch.isalnum() else "_" for ch in f"{part} {i}")
            source = f"{folder}/{name}.parquet"
            pa.parquet.write_table(c.arrow(columns), source)
            settings, clause = storage.options(rng, columns, reader not in ("hive", "spark"))
            questions.append([f"drop table if exists {name}", *settings, f"create table {name} {storage.table} {clause} as "
                              f"select * from parquet.`{source}`", f"select 'rows', count(*) from {name}"])
            cases.append(Case(str(i), columns, f"{self.warehouse}/{name}", f"{settings} {clause}"))
        answers, _ = self.hiveql.ask(questions)
        good, found = [], []
        for case, statements, answer in zip(cases, questions, answers):
            if answer == [f"rows\t{len(case.columns[0].values)}"]:
                good.append(case)
            else:
                found.append((case, [f"{answer}", self.hiveql.message(statements)]))
        return good, found

    def columns(self, part, number, form, other):
        """Columns that hiveql and another program both have in a format, and what draws the options."""
        storage = w.STORAGES[form]
        java = dict(days=GREGORIAN, nested_words=c.PLAIN_WORDS) if other in ("hive", "spark") else {}
        # DuckDB reads INT96 as microseconds; Spark has no others.
        scalars = [pa.timestamp("us") if t == pa.timestamp("ns") and other in ("duckdb", "spark") else t for t in storage.scalars]
        generator = self.generator(part, number, scalars, **dict(storage.generator, **java))
        columns = generator.table()
        if form == "orc":
            no_last_second(columns)
        return generator.rng, columns

    # MARK: others write

    def read_of(self, name, program):
        """Tables that Hive or Spark fills from Parquet files, read by hiveql."""
        cases, questions = [], []
        for form in w.STORAGES if name == "hive" else w.SPARK_FORMATS:
            storage = w.STORAGES[form]
            part = f"{name} writes {form}, hiveql reads"
            for i in self.wanted(part, max(self.files // 10, 1)):
                rng, columns = self.columns(part, i, form, name)
                folder = f"{self.work}/{name}-sources/{form}{i}"
                target = f"{self.work}/{name}-{form}/{i}"
                os.makedirs(folder, exist_ok=True)
                os.makedirs(target, exist_ok=True)
                pa.parquet.write_table(c.arrow(columns), f"{folder}/source.parquet", use_deprecated_int96_timestamps=True,
                                       store_schema=False)
                source = Case(f"{form}{i}", columns, folder, "")
                made, origin = self.external(f"{name} source", source, w.STORAGES["parquet"])
                settings, clause = storage.options(rng, columns, False)
                if name == "spark":
                    settings = w.spark_settings(rng, form)
                listed = ", ".join(f"`{column.name}` {hive_type(column.type)}" for column in columns)
                table = f"x_{form}_{i}"
                at = f"{storage.table} location 'file://{target}' {clause}"
                questions.append(made + settings + [
                    f"drop table if exists {table}", f"create external table {table} ({listed}) {at}",
                    f"insert into table {table} select * from {origin}", f"select 'rows', count(*) from {table}"])
                case = Case(f"{form}{i}", columns, target, f"{settings} {clause}")
                case.form, case.part = form, part
                cases.append(case)
        if not cases:
            return
        answers, errors = program.ask(questions)
        for form in dict.fromkeys(case.form for case in cases):
            good, lost = [], []
            for case, answer in zip(cases, answers):
                if case.form == form:
                    case.answer = answer
                    done = (answer or [])[-1:] == [f"rows\t{len(case.columns[0].values)}"]
                    (good if done else lost).append(case)
            found = self.compare(self.hiveql, good, lambda case: self.external(name, case, w.STORAGES[form]))
            self.report(good[0].part if good else lost[0].part, len(good), found)
            for case in lost:
                print(f"  {name} itself did not write {case.name} {case.options}: {case.answer}")
        if any(answer is None for answer in answers):
            print("   ", errors)


def as_written(case, read):
    """Where a writer's own reader finds other values than were given, the file has these: the writer is at fault."""
    values = read(case.path, case.columns)
    if c.differences(case.columns, values):
        print(f"  {case.path}: not what was given to its writer")
        for column, those in zip(case.columns, values):
            column.values = those


def no_last_second(columns):
    """ORC does not keep fractions within the second before 1970; nor do its writers agree on what becomes of them."""
    def cut(value, type):
        if value is None:
            return None
        if pa.types.is_timestamp(type):
            return 0 if -10 ** 9 <= value < 0 else value
        if pa.types.is_map(type):
            return [(k, cut(v, type.item_type)) for k, v in value]
        if pa.types.is_list(type):
            return [cut(v, type.value_type) for v in value]
        if pa.types.is_struct(type):
            return tuple(cut(v, f.type) for v, f in zip(value, type))
        return value
    for column in columns:
        column.values = [cut(v, column.type) for v in column.values]


def predicate(rng, columns):
    """A condition that files may skip by, and how many rows meet it."""
    usable = [column for column in columns if pa.types.is_integer(column.type) or pa.types.is_date(column.type)
              or pa.types.is_decimal(column.type) or pa.types.is_string(column.type) or pa.types.is_boolean(column.type)]
    column = rng.choice(usable or columns)
    type = column.type
    present = [v for v in column.values if v is not None]
    if not usable or not present or rng.random() < 0.15:
        negated = rng.random() < 0.5
        return f"`{column.name}` is {'not ' if negated else ''}null", sum((v is None) != negated for v in column.values)
    value = rng.choice(present)
    if pa.types.is_string(type):
        if not value.isascii() or not value.isprintable():
            value = "value 5"
        text = f"'{value}'"
    elif pa.types.is_boolean(type):
        text = str(value).lower()
    elif pa.types.is_date(type):
        text = f"date '{c.day_text(value)}'"
    elif pa.types.is_decimal(type):
        text = f"cast('{value:f}' as decimal({type.precision},{type.scale}))"
    else:
        value = value if abs(value) < 2 ** 63 - 1 else 1
        text = f"{value}L"
    tests = {"=": lambda v: v == value, "<": lambda v: v < value, ">=": lambda v: v >= value, "<>": lambda v: v != value}
    operator = rng.choice(["=", "=", "<>"] if pa.types.is_boolean(type) else list(tests))
    return f"`{column.name}` {operator} {text}", sum(tests[operator](v) for v in present)
