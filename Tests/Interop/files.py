"""Files of folders: which have rows, and how lines of text are saved."""
import bz2
import glob
import gzip
import os
import zlib

import pyarrow as pa

# What hiveql tells codecs by; of each the function of Python.
CODECS = {"": lambda data: data, ".gz": gzip.compress, ".bz2": bz2.compress, ".deflate": zlib.compress}


def files(folder):
    """The files with rows of a folder in their order, or the one file."""
    return [folder] if os.path.isfile(folder) else sorted(path for path in glob.glob(f"{folder}/*") if not path.rsplit("/", 1)[1].startswith((".", "_")))


def save(rng, folder, text):
    """Writes the one file of a folder, and returns the suffix by which its codec is told."""
    os.makedirs(folder, exist_ok=True)
    suffix = rng.choice(["", "", *CODECS])
    with open(f"{folder}/part{suffix}", "wb") as f:
        f.write(CODECS[suffix](text.encode()))
    return suffix


def read_text(path):
    """What a file holds, decompressed as its suffix says."""
    if path.endswith(".deflate"):
        with open(path, "rb") as f:
            return zlib.decompress(f.read()).decode()
    with pa.input_stream(path, compression="detect") as f:
        return f.read().decode()
