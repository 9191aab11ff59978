"""The command line of ir_datasets, which by itself knows only the data sets built into it."""

import ir_datasets

from xqg_pyserini.data.sets.registration import register
from xqg_pyserini.data.sources import load_dataset, reading


def run(arguments: list[str]) -> None:
    """Run ``ir_datasets`` with our data sets registered; it writes to the standard output and may end the process.

    Raises:
        UnknownNameError: no such data set.
        InputError: a data set cannot be fetched or read.
    """
    register()
    takes_id = arguments[:1] in (["export"], ["lookup"])
    name = next((word for word in arguments[1:] if not word.startswith("-")), "") if takes_id else ""
    if name:
        load_dataset(name)
    with reading(name or "ir_datasets"):
        ir_datasets.main(arguments)
