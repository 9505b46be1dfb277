"""Tables of files: the statements that make them, and files that programs write as tables."""
import os

import pyarrow as pa
import pyarrow.parquet

import columns as c
import storages
from hive_types import hive_type


class Case:
    """A file, or a folder of files, of a part, and the columns that it has to hold.

    table: the clauses of a table of the file, where it is read through one; properties: those behind its place
    given: the columns that its writer gets, where they are others; settings, clause: what its writer is told
    """

    def __init__(self, part, name, columns, path=None, options="", table=None, properties="", given=None, settings=(), clause=""):
        self.part, self.name, self.columns, self.path = part, name, columns, path
        self.table, self.properties = table, properties
        self.given, self.settings, self.clause = given or columns, list(settings), clause
        self.options = options or f"{self.settings} {table} {clause}"


def identifier(*texts):
    return "".join(ch if ch.isalnum() else "_" for ch in " ".join(texts))


def creation(name, case, path, properties="", spark=False):
    """The statement that makes a table of a case's columns in a folder, with the clause of Spark where it has one of its own."""
    listed = ", ".join(f"`{column.name}` {hive_type(column.type)}" for column in case.columns)
    own = next((storage.spark for storage in storages.STORAGES.values() if spark and case.table in storage.tables), None)
    return f"create {'' if own else 'external '}table {name} ({listed}) {own or case.table} location 'file://{path}' {properties}"


def external(case, spark=False):
    """Statements that make a table of a case's folder, and its name."""
    name = f"t_{identifier(case.part, case.name)}"
    return [f"drop table if exists {name}", creation(name, case, case.path, case.properties, spark)], name


class Tables:
    """Writes the columns of cases as tables of programs."""

    def __init__(self, hiveql, warehouse, work):
        self.hiveql, self.warehouse, self.work = hiveql, warehouse, work

    def written(self, cases):
        """The cases whose columns hiveql wrote, and what it said of the others."""
        folder = f"{self.work}/sources"
        os.makedirs(folder, exist_ok=True)
        questions = []
        for case in cases:
            name = f"w_{identifier(case.part, case.name)}"
            file = f"{folder}/{name}.parquet"
            pa.parquet.write_table(c.arrow(case.given), file)
            case.path = f"{self.warehouse}/{name}"
            questions.append([f"drop table if exists {name}", *case.settings, f"create table {name} {case.table} {case.clause} as "
                              f"select * from parquet.`{file}`", f"select 'rows', count(*) from {name}"])
        answers, _ = self.hiveql.ask(questions)
        good, found = [], []
        for case, statements, answer in zip(cases, questions, answers):
            # How many there have to be is the reader's question: a line end in a field of CSV makes two rows here.
            if answer and answer[-1].startswith("rows\t"):
                good.append(case)
            else:
                found.append((case, [f"{answer}", self.hiveql.message(statements)]))
        return good, found

    def filled(self, program, cases):
        """The cases whose columns Hive or Spark wrote, from Parquet files; the others are said, and are no differences."""
        questions = []
        for case in cases:
            folder = f"{self.work}/{program.name}-sources/{identifier(case.part, case.name)}"
            case.path = f"{self.work}/{program.name}-tables/{identifier(case.part, case.name)}"
            os.makedirs(folder)
            os.makedirs(case.path)
            pa.parquet.write_table(c.arrow(case.given), f"{folder}/source.parquet", use_deprecated_int96_timestamps=True,
                                   store_schema=False)
            made, origin = external(Case(f"{case.part} source", case.name, case.given, folder, table="stored as parquet"))
            name = f"x_{identifier(case.part, case.name)}"
            questions.append(made + case.settings + [
                f"drop table if exists {name}", creation(name, case, case.path, case.clause, program.name == "spark"),
                f"insert into table {name} select * from {origin}", f"select 'rows', count(*) from {name}"])
        answers, errors = program.ask(questions)
        good = []
        for case, answer in zip(cases, answers):
            if (answer or [])[-1:] == [f"rows\t{len(case.columns[0].values)}"]:
                good.append(case)
            else:
                print(f"  {program.name} itself did not write {case.part} {case.name} {case.options}: {answer}")
        if any(answer is None for answer in answers):
            print("   ", errors)
        return good
