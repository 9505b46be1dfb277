"""Names of types in HiveQL, as the fixtures' script has them, and texts as literals."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Fixtures", "parquet"))
from make import hive as hive_type  # noqa: E402,F401


def text_literal(value):
    """A text; what Hive's command line could take for the end of a statement or of the text stands there as a number."""
    return "'" + "".join(f"\\{ord(ch):03o}" if ch in "\\'\";\t" else ch for ch in value) + "'"
