"""Making our data sets known to ir_datasets."""

from collections.abc import Iterator
from functools import cache

import ir_datasets
from ir_datasets.datasets.base import Dataset
from ir_datasets.util.metadata import MetadataComponent, MetadataProvider

from xqg_pyserini.data.sets import afriqa, dl_typo, mkqa, sample, xor_tydi, xquad
from xqg_pyserini.data.sets.catalog import Part

FAMILIES = (sample, xor_tydi, mkqa, xquad, afriqa, dl_typo)


@cache
def catalog() -> dict[str, Part]:
    """Our data sets by id."""
    return {part.dataset_id: part for part in _parts()}


def _parts() -> Iterator[Part]:
    for family in FAMILIES:
        yield from family.parts(family.files())


def register() -> None:
    """Register every data set of ours whose id is not taken yet; nothing is read or fetched.

    May be called any number of times. Importing ``xqg_pyserini.data`` sees to it that it is called.
    """
    known = set(ir_datasets.registry)
    counts = MetadataProvider(_counts)
    for name, part in catalog().items():
        if name not in known:
            described = MetadataComponent(name, part.dataset, counts)
            ir_datasets.registry.register(name, Dataset(described, part.dataset, part.about))


def _counts() -> dict[str, dict[str, dict[str, int]]]:
    return {name: {kind: {"count": count} for kind, count in part.counts.items()} for name, part in catalog().items()}
