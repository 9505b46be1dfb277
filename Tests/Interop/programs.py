"""Programs that run statements of HiveQL: hiveql, Hive, spark-sql."""
import os
import subprocess
import tempfile

import hive_text


class Program:
    """A command to which `-S -f SCRIPT` is given; statements that fail do not stop the ones behind them."""

    def __init__(self, name, command, work):
        self.name, self.command, self.work = name, command, work

    def ask(self, questions):
        """The lines that each question's statements print: `questions` is a list of lists of statements. None where the
        program ended before, and what it said on its error output."""
        if not questions:
            return [], ""
        script = []
        for number, statements in enumerate(questions):
            script += [f"select 'begin {number}'", *statements]
        script.append("select 'begin end'")
        with tempfile.NamedTemporaryFile("w", suffix=".sql", dir=self.work, encoding="utf-8", delete=False) as f:
            f.write(";\n".join(script) + ";\n")
        done = subprocess.run([*self.command, "--hiveconf", "hive.cli.errors.ignore=true", "-S", "-f", f.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=dict(os.environ, TZ="UTC"), check=False)
        os.unlink(f.name)
        answers, at = [None] * len(questions), None
        for line in done.stdout.decode(errors="replace").split("\n")[:-1]:
            if line.startswith("begin "):
                at = None if line == "begin end" else int(line[6:])
                if at is not None:
                    answers[at] = []
            elif at is not None:
                answers[at].append(line)
        errors = [l for l in done.stderr.decode(errors="replace").splitlines() if not l.startswith("\tat ")]
        if done.returncode < 0:
            errors.append(f"ended by signal {-done.returncode}")
        return answers, "\n".join(errors)[-1500:]

    def message(self, statements):
        """What the program says on its error output of statements that failed among others."""
        answers, errors = self.ask([statements])
        return errors or f"answered when asked alone: {str(answers)[:200]}"


def query(columns, source):
    return f"select {', '.join(hive_text.selected(c.name, c.type) for c in columns)} from {source}"


def parsed(lines, columns):
    """The values by column of the lines that `query` prints."""
    rows = [line.split("\t") for line in lines]
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"{len(row)} columns: {row}")
    return [[hive_text.parse(row[i], c.type) for row in rows] for i, c in enumerate(columns)]
