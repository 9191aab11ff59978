"""Making our data sets known to ir_datasets."""

from collections.abc import Iterator

import ir_datasets

from xqg_pyserini.data import sample
from xqg_pyserini.data.catalog import Part

FAMILIES = (sample,)


def register() -> None:
    """Register every data set of ours whose id is not taken yet; nothing is read or fetched.

    May be called any number of times. Importing ``xqg_pyserini.data`` sees to it that it is called.
    """
    known = set(ir_datasets.registry)
    if sample.NAME in known:
        return
    for part in parts():
        if part.dataset_id not in known:
            ir_datasets.registry.register(part.dataset_id, part.dataset)


def parts() -> Iterator[Part]:
    """The parts of every family."""
    for family in FAMILIES:
        yield from family.parts()
