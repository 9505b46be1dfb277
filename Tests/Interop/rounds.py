"""The parts of a round: who writes, who reads, and what has to be the same."""
import os
import random

import pyarrow as pa

import columns as c
import csv_lines
import json_lines
import readers
import storages
import writers as w
from bloom import BloomRounds
from conditions import predicate
from programs import Program, parsed, query
from tables import Case, Tables, external

STRING_KEYS = [pa.string()]


class Rounds:
    def __init__(self, hiveql, commands, options, work):
        self.seed, self.files, self.options, self.work, self.failed = options.seed, options.files, options, work, 0
        self.warehouse = f"{work}/warehouse"
        self.hiveql = Program("hiveql", [hiveql, "--hiveconf", f"hive.metastore.warehouse.dir={self.warehouse}",
                                         "--hiveconf", "hive.local.time.zone=UTC"], work)
        self.tables = Tables(self.hiveql, self.warehouse, work)
        self.others = {name: Program(name, command, work) for name, command in commands.items()}

    def run(self):
        self.read("pyarrow", "parquet", w.PARQUET, w.pyarrow_parquet)
        self.read("pyarrow", "orc", w.ORC, w.pyarrow_orc)
        self.read("duckdb", "parquet", w.DUCKDB, w.duckdb_parquet)
        self.read("fastavro", "avro", w.AVRO, w.fastavro_avro, key_types=STRING_KEYS)
        for form, table in (("json", json_lines.OWN), ("hcatalog", json_lines.HCATALOG)):
            storage = storages.STORAGES[form]
            scalars = storage.scalars + [pa.timestamp("us", "UTC")]
            self.read("python", form, scalars, json_lines.python_json(table), **storage.generator)
        storage = storages.STORAGES["csv"]
        self.read("python", "csv", storage.scalars, csv_lines.python_csv, **storage.generator)
        for form in storages.STORAGES:
            self.write(form)
        for name, program in self.others.items():
            self.read_of(name, program)
        BloomRounds(self).run()
        print(self.failed, "differences")
        return self.failed

    # MARK: files

    def generator(self, part, number, scalars, **options):
        return c.Generator(random.Random(f"{self.seed} {part} {number}"), scalars, **options)

    def wanted(self, part, count):
        if self.options.only not in part:
            return []
        return [i for i in range(count) if self.options.case in ("", str(i))]

    def report(self, part, count, found, more=""):
        """Prints the differences of a part: pairs of a case and what it differs in."""
        if count:
            print(f"{part}: {count} files, {more}{len(found)} different", flush=True)
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
                chosen = write(generator.rng, columns, path)
                case = Case(part, str(i), columns, path, chosen, chosen.get("table"), chosen.get("properties", ""))
                # Lines have other values for others than their writer; it keeps all that it is given.
                if not case.table:
                    as_written(case, readers.READERS[form][writer])
                cases.append(case)
            except Exception as error:  # options that a writer refuses together, files that it cannot read itself
                left_out.append(f"{i}: {error}")
        if left_out:
            print(f"  {len(left_out)} files of {writer} left out, as it refused to write or read them ({left_out[0]})")
        found = []
        source = lambda case: external(case) if case.table else ([], f"{form}.`{case.path}`")
        for at in range(0, len(cases), 50):
            found += self.compare(self.hiveql, cases[at:at + 50], source)
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
        for reader, read in readers.READERS.get(form, {}).items():
            part = f"hiveql writes {form}, {reader} reads"
            cases, found = self.tables.written(self.drafts(part, form, self.files, reader))
            for case in cases:
                try:
                    lines = c.differences(case.columns, read(case))
                except Exception as error:  # whatever a reader says of a file is what is asked for
                    lines = [f"{type(error).__name__}: {error}"]
                if lines:
                    found.append((case, lines))
            self.report(part, len(cases), found)
        for name, program in self.others.items():
            if form not in storages.FORMATS[name]:
                continue
            part = f"hiveql writes {form}, {name} reads"
            cases, found = self.tables.written(self.drafts(part, form, max(self.files // 10, 1), name))
            found += self.compare(program, cases, lambda case: external(case, name == "spark"))
            self.report(part, len(cases), found)

    def drafts(self, part, form, count, reader, spark=False):
        """Cases of a format that hiveql, or Hive or Spark for it, is to write for a reader."""
        storage = storages.STORAGES[form]
        cases = []
        for i in self.wanted(part, count):
            rng, columns, table = self.columns(part, i, form, reader)
            kept = storage.prepare(columns, table, reader)
            settings, clause = storages.spark_options(rng, form) if spark else \
                storage.options(rng, columns, reader not in ("hive", "spark"))
            cases.append(Case(part, str(i), kept, table=table, given=columns, settings=settings, clause=clause))
        return cases

    def columns(self, part, number, form, other):
        """Columns that hiveql and another program both have in a format, a table of it, and what draws the options."""
        storage = storages.STORAGES[form]
        limits = dict(storages.LIMITS.get(other, {}), **storage.limits.get(other, {}))
        moment = pa.timestamp(limits.pop("timestamps", "ns"))
        scalars = [moment if t == pa.timestamp("ns") else t for t in storage.scalars]
        generator = self.generator(part, number, scalars, **dict(storage.generator, **limits))
        return generator.rng, generator.table(), generator.rng.choice(storage.tables)

    # MARK: others write

    def read_of(self, name, program):
        """Tables that Hive or Spark fills from Parquet files, read by hiveql."""
        cases = [case for form in storages.FORMATS[name] for case in
                 self.drafts(f"{name} writes {form}, hiveql reads", form, max(self.files // 10, 1), name, name == "spark")]
        good = self.tables.filled(program, cases)
        for part in dict.fromkeys(case.part for case in cases):
            wrote = [case for case in good if case.part == part]
            self.report(part, len(wrote), self.compare(self.hiveql, wrote, external))


def as_written(case, read):
    """Where a writer's own reader finds other values than were given, the file has these: the writer is at fault."""
    values = read(case)
    if c.differences(case.columns, values):
        print(f"  {case.path}: not what was given to its writer")
        for column, those in zip(case.columns, values):
            column.values = those
