"""Names of types in HiveQL, as the fixtures' script has them."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Fixtures", "parquet"))
from make import hive as hive_type  # noqa: E402,F401
