"""Tables of Hive for the fixtures: rows of all types, and their files in some format with what Hive prints of them."""
import os
import random
import shutil
import subprocess
import tempfile

TYPES = """flag boolean, tiny tinyint, small smallint, number int, large bigint, single float, twice double,
 money decimal(10,2), huge decimal(38,18), word string, short varchar(10), padded char(6), raw binary, day date,
 moment timestamp"""
NESTED = """items array<int>, pairs map<string,double>, point struct<x:int,y:string>, either uniontype<int,string,array<int>>,
 deep array<map<string,struct<a:array<int>,b:timestamp>>>"""


def some(r, nulls, value):
    return "\\N" if r.random() < nulls else value


def flat_rows(count, nulls):
    r = random.Random(11)
    for i in range(count):
        day = f"{r.choice([1, 1000, 1500, 1582, 1583, 1900, 1969, 1970, 2015, 2024, 9999]):04d}-{r.choice(['02-28', '10-04', '10-15', '12-31', '01-01'])}"
        moment = f"{r.choice([1400, 1582, 1900, 1960, 1969, 1970, 2014, 2015, 2030])}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d} " \
                 f"{r.randint(0, 23):02d}:{r.randint(0, 59):02d}:{r.randint(0, 59):02d}"
        # Fractions within the second before 1970 in UTC are lost by the writer.
        moment += r.choice(["", ".5", ".123456789", ".000001", ".000000999", ".01", ".12"])
        yield [some(r, nulls, v) for v in (
            r.choice(["true", "false"]), str(r.randint(-128, 127)), str(r.randint(-32768, 32767)), str(i * 17 - 2000),
            str(r.choice([i, r.randint(-2**63, 2**63 - 1)])), r.choice(["0.5", "-1.25", "3.0E10", "NaN"]),
            r.choice(["0.1", "-2.5", "1.0E300", "Infinity", "123456.789"]), f"{r.randint(-10**8, 10**8) / 100:.2f}",
            f"{r.randint(-10**19, 10**19)}.{r.randint(0, 10**18 - 1):018d}", r.choice(["", "a", "Straße", "日本語", "long " * 12]),
            f"v{i}", r.choice(["a", "ab  c", "äöü", ""]), "YWJj", day, moment)]


def nested_rows(count, nulls):
    r = random.Random(12)

    def deep():
        entries = []
        for _ in range(r.randint(0, 2)):
            pairs = []
            for k in range(r.randint(0, 2)):
                items = "\x06".join(some(r, nulls, str(r.randint(0, 9))) for _ in range(r.randint(0, 3)))
                pairs.append(f"k{k}\x04{some(r, nulls, items)}\x05{some(r, nulls, '2020-02-03 04:05:06.7')}")
            entries.append(some(r, nulls, "~".join(pairs)))
        return "|".join(entries)

    for i in range(count):
        tag = r.randint(0, 2)
        either = f"{tag}|" + [str(i), f"s{i}", "~".join(str(k) for k in range(r.randint(1, 3)))][tag]
        yield [some(r, nulls, v) for v in (
            "|".join(some(r, nulls, str(r.randint(0, 99))) for _ in range(r.choice([0, 1, 3]))),
            "|".join(f"k{k}~{some(r, nulls, '1.5')}" for k in range(r.choice([0, 1, 2]))),
            some(r, nulls, str(i)) + "|" + some(r, nulls, f"y{i % 5}"), either, deep())]


class HiveTables:
    """Statements that fill tables from text files; `run` copies the files of the tables and the rows that Hive prints."""

    def __init__(self, hive):
        self.hive = hive
        self.work = tempfile.mkdtemp()
        self.statements = []
        self.tables = []

    def source(self, rows, columns, values):
        """A text table with these rows."""
        path = f"{self.work}/{rows}.txt"
        with open(path, "w", encoding="utf-8") as f:
            f.writelines("\t".join(row) + "\n" for row in values)
        name = rows.replace("-", "_")
        self.statements.append(
            f"create table {name}_text ({columns}) row format delimited fields terminated by '\\t' "
            f"collection items terminated by '|' map keys terminated by '~'")
        self.statements.append(f"load data local inpath '{path}' into table {name}_text")

    def table(self, rows, variant, columns, storage, settings=(), selected="*"):
        """A table with the rows of a source. `storage` follows LOCATION."""
        name = f"{rows}_as_{variant}".replace("-", "_")
        form, _, properties = storage.partition(" tblproperties ")
        self.statements.extend(settings)
        self.statements.append(
            f"create table {name} ({columns}) {form} location 'file://{self.work}/{name}'"
            + (f" tblproperties {properties}" if properties else ""))
        self.statements.append(f"insert into {name} select {selected} from {rows.replace('-', '_')}_text")
        self.tables.append((rows, variant, name))

    def run(self, folder, extension):
        """FOLDER/ROWS.VARIANT.EXTENSION is the file of a table, FOLDER/ROWS.tsv what SELECT * prints of the first one."""
        names = []
        for rows, _, name in self.tables:
            if rows not in names:
                names.append(rows)
                self.statements.append(f"select 'begin {rows}'")
                self.statements.append(f"select * from {name}")
        self.statements.append("select 'begin end'")
        output = self.execute()
        for rows in names:
            body = output.split(f"begin {rows}\n", 1)[1].split("begin ")[0]
            with open(f"{folder}/{rows}.tsv", "w", encoding="utf-8", newline="\n") as f:
                f.write(body)
        for rows, variant, name in self.tables:
            for file in os.listdir(f"{self.work}/{name}"):
                if not file.startswith((".", "_")):
                    shutil.copy(f"{self.work}/{name}/{file}", f"{folder}/{rows}.{variant}.{extension}")
        shutil.rmtree(self.work)

    def execute(self):
        """Runs the statements and returns what they print."""
        script = f"{self.work}/script.sql"
        with open(script, "w", encoding="utf-8") as f:
            f.write(";\n".join(self.statements) + ";\n")
        done = subprocess.run([self.hive, "-S", "-f", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise SystemExit("\n".join(l for l in done.stderr.decode().splitlines() if not l.startswith("\tat"))[-3000:] or "Hive failed")
        return done.stdout.decode()

    def compare(self, files, storage, expected, ignored=()):
        """Lets Hive read files: `storage(name)` is a table's columns and what follows them, `expected(name)` its rows.
        Rows that contain one of `ignored` may differ. Returns how many files are different."""
        for number, path in enumerate(files):
            folder = f"{self.work}/t{number}"
            os.makedirs(folder)
            shutil.copy(path, f"{folder}/000000_0")
            columns, form = storage(os.path.basename(path))
            self.statements += [
                f"create external table t{number} ({columns}) {form} location 'file://{folder}'",
                f"select 'begin {number}'", f"select * from t{number}"]
        self.statements.append("select 'begin end'")
        output = self.execute()
        failed = 0
        for number, path in enumerate(files):
            rows = expected(os.path.basename(path))
            body = output.split(f"begin {number}\n", 1)[-1].split("begin ", 1)[0].splitlines()
            different = [(a, b) for a, b in zip(body, rows) if a != b and not any(text in b for text in ignored)]
            if len(body) != len(rows) or different:
                failed += 1
                print("Hive", os.path.basename(path), len(body), len(different), different[:2])
        print(len(files), "files read by Hive,", failed, "different")
        shutil.rmtree(self.work)
        return failed
