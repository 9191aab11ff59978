"""What a user may write where passages, queries or judgements are asked for: a path, a data set's id, or a suite."""

import contextlib
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from xqg_pyserini.errors import InputError, UnknownNameError, XqgError

#: A path, the id of a data set, or the name of a suite; or several of them, which add up.
Sources = str | Path | Sequence[str | Path]


class Found(NamedTuple):
    """A source that was found.

    ``name`` is what the user wrote, or the id of a suite's member; ``where`` a ``Path``, the data set as ir_datasets
    has it, or a list of queries; ``prefix`` is put before the query ids of a suite's member.
    """

    name: str
    where: Any
    prefix: str = ""

    @property
    def place(self) -> str | Path:
        """What errors name."""
        return self.where if isinstance(self.where, Path) else self.name


def load_dataset(dataset_id: str) -> Any:
    """The ir_datasets object of an id, ours included; nothing is downloaded.

    Raises:
        UnknownNameError: no such id; near ones are suggested.
    """
    try:
        return _loaded_library().load(dataset_id)
    except KeyError:
        from xqg_pyserini.data.suites import SUITES

        message = f"no data set {dataset_id!r} is known{_near(dataset_id)}; see: xqg data list"
        if dataset_id in SUITES:
            message = f"{dataset_id!r} is a suite of data sets; see: xqg data suites {dataset_id}"
        raise UnknownNameError(message) from None


def _loaded_library() -> Any:
    """ir_datasets with our data sets; imported only when a data set is named, as it takes a third of a second."""
    import ir_datasets

    from xqg_pyserini.data.catalog.registration import register

    register()
    return ir_datasets


def find_sources(sources: Sources, kind: str) -> list[Found]:
    """Tell sources apart: an existing path, else a data set's id, else a suite, which becomes its members.

    Args:
        sources: what the user wrote.
        kind: what is wanted: ``docs``, ``queries`` or ``qrels``. The documents of a suite are those that all of its
            members share.

    Raises:
        InputError: a source is none of them, lacks what is wanted, or is a suite over several corpora.
    """
    found = []
    for source in [sources] if isinstance(sources, str | Path) else sources:
        name, path = str(source), Path(source).expanduser()
        if path.exists():
            found.append(Found(name, path))
            continue
        from xqg_pyserini.data.suites import SUITES

        if name in SUITES:
            members = [Found(m.dataset_id, _dataset(m.dataset_id, kind), f"{m.dataset_id}:") for m in SUITES[name]]
            found += [_shared_corpus(name, members)] if kind == "docs" else members
        else:
            found.append(Found(name, _dataset(name, kind)))
    return found


def _shared_corpus(suite: str, members: list[Found]) -> Found:
    by_handler = {id(member.where.docs_handler()): member.name for member in reversed(members)}
    names = sorted(_loaded_library().docs_parent_id(name) for name in by_handler.values())
    if len(names) > 1:
        raise InputError(f"the data sets of the suite {suite!r} have several corpora: name one: {', '.join(names)}")
    return Found(names[0], members[0].where)


def _dataset(name: str, kind: str) -> Any:
    try:
        dataset = load_dataset(name)
    except UnknownNameError:
        raise InputError(
            f"{name!r} is neither an existing file nor a known data set or suite{_near(name)} "
            "(`xqg data list` and `xqg data suites` show them)"
        ) from None
    if dataset.has(kind):
        return dataset
    has = " and ".join(part for part in ("docs", "queries", "qrels") if dataset.has(part))
    registry = _loaded_library().registry
    below = [part for part in registry if part.startswith(f"{name}/") and registry[part].has(kind)]
    raise InputError(
        f"the data set {name!r} has no {kind}"
        + (f" (it has {has})" if has else "")
        + (f"; these have: {', '.join(below[:3])}" if below else "")
    )


def _near(name: str) -> str:
    from xqg_pyserini.data.suites import SUITES

    near = get_close_matches(name, [*_loaded_library().registry, *SUITES], n=3, cutoff=0.7)
    return f"; near: {', '.join(near)}" if near else ""


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


def run_irds(arguments: list[str]) -> None:
    """Run the command line of ir_datasets with our data sets registered; it may end the process.

    Raises:
        UnknownNameError: no such data set.
        InputError: a data set cannot be fetched or read.
    """
    library = _loaded_library()
    takes_id = arguments[:1] in (["export"], ["lookup"])
    name = next((word for word in arguments[1:] if not word.startswith("-")), "") if takes_id else ""
    if name:
        load_dataset(name)
    with reading(name or "ir_datasets"):
        library.main(arguments)
