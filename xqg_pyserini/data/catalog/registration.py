"""Making our data sets known to ir_datasets, which discovers no extensions by itself."""

from functools import cache

import ir_datasets
from ir_datasets.datasets.base import Dataset
from ir_datasets.util.metadata import MetadataComponent, MetadataProvider

from xqg_pyserini.data.catalog.families import Family, Part


def catalog() -> dict[str, Part]:
    """Our data sets by id."""
    from xqg_pyserini.data.sets import DATASET_FAMILIES

    return {part.dataset_id: part for name in DATASET_FAMILIES for part in _parts(DATASET_FAMILIES.get(name))}


@cache
def _parts(family: Family) -> tuple[Part, ...]:
    return tuple(family.parts())


def register() -> None:
    """Register every data set of ours with ir_datasets whose id is not taken yet; nothing is read or fetched.

    The readers of ``xqg_pyserini.data`` call it. Call it yourself before ``ir_datasets.load("xor-tydi/dev/te")``; a
    second call changes nothing.
    """
    known = set(ir_datasets.registry)
    counts = MetadataProvider(_counts)
    for name, part in catalog().items():
        if name not in known:
            described = MetadataComponent(name, part.dataset, counts)
            ir_datasets.registry.register(name, Dataset(described, part.dataset, part.about))


def _counts() -> dict[str, dict[str, dict[str, int]]]:
    return {name: {kind: {"count": count} for kind, count in part.counts.items()} for name, part in catalog().items()}
