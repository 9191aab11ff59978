"""One data set as a module of this package hands it over to be registered."""

from typing import Any, NamedTuple


class Part(NamedTuple):
    """A data set id and its ir_datasets object."""

    dataset_id: str
    dataset: Any
