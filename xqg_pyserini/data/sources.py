"""What a user may write where a corpus, topics or judgements are asked for: a path or an ir_datasets id."""

import contextlib
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from xqg_pyserini.errors import InputError, UnknownNameError, XqgError


def load_dataset(dataset_id: str) -> Any:
    """The ir_datasets object of an id, ours included; nothing is downloaded.

    Raises:
        UnknownNameError: no such id; near ones are suggested.
    """
    import ir_datasets

    from xqg_pyserini.data.sets.registration import register

    register()
    try:
        return ir_datasets.load(dataset_id)
    except KeyError:
        raise UnknownNameError(f"no data set {dataset_id!r} is known{_near(dataset_id)}; see: xqg data list") from None


def resolve(source: str | Path, kind: str) -> Any:
    """Tell a source apart: the ``Path`` of an existing file, else the ir_datasets object of an id.

    An existing path wins over an id of the same name.

    Args:
        source: what the user wrote.
        kind: what is wanted of a data set: ``docs``, ``queries`` or ``qrels``.

    Raises:
        InputError: neither a file nor an id, or the data set has no such part.
    """
    path = Path(source).expanduser()
    if path.exists():
        return path
    try:
        dataset = load_dataset(str(source))
    except UnknownNameError:
        raise InputError(
            f"{str(source)!r} is neither an existing file nor a known data set{_near(str(source))} "
            "(both were tried; `xqg data list` shows the data sets)"
        ) from None
    if not dataset.has(kind):
        has = [name for name in ("docs", "queries", "qrels") if dataset.has(name)]
        raise InputError(
            f"the data set {str(source)!r} has no {kind}"
            + (f" (it has {' and '.join(has)})" if has else "")
            + _near_with(str(source), kind)
        )
    return dataset


def _near(dataset_id: str) -> str:
    import ir_datasets

    near = get_close_matches(dataset_id, list(ir_datasets.registry), n=3, cutoff=0.7)
    return f"; near: {', '.join(near)}" if near else ""


def _near_with(dataset_id: str, kind: str) -> str:
    """Ids below ``dataset_id`` that have what it lacks."""
    import ir_datasets

    below = [name for name in ir_datasets.registry if name.startswith(f"{dataset_id}/")]
    fitting = [name for name in below if ir_datasets.registry[name].has(kind)]
    return f"; these have: {', '.join(fitting[:3])}" if fitting else ""


@contextlib.contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn what goes wrong while ir_datasets fetches or reads ``name`` into one InputError.

    ir_datasets and its network library raise several kinds of exceptions for a host that cannot be reached, a
    wrong checksum or a file that is to be placed by hand; all are the user's to mend.
    """
    try:
        yield
    except (XqgError, BrokenPipeError):
        raise
    except (OSError, EOFError, RuntimeError) as error:
        raise InputError(f"the data set {name!r} cannot be read: {error}") from error
