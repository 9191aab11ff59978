"""What lies in an index directory, and the ``meta.json`` that says how it was made.

An index directory is Pyserini's: ``index`` (a Faiss index) and ``docid`` (one id per line, in row order). Ours adds
``meta.json`` and, unless they were left out, the passages' texts. A directory without ``meta.json`` is accepted
everywhere, with the missing facts given as options.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from xqg_pyserini.errors import IndexFormatError, OutputExistsError
from xqg_pyserini.files import check_output_directory, read_json, sha256_of, write_json
from xqg_pyserini.lines import read_lines

KIND = "xqg-index"
VERSION = 1
#: The file of passage texts.
TEXTS = "texts.jsonl.zst"


class IndexLayout:
    """The files of an index directory.

    Attributes:
        index: the Faiss index.
        docid: passage ids, one per line, in the order of the vectors.
        components: what each language's generated queries put into the vectors; only where it was asked for.
        texts: the passages themselves, by row (see ``passage_texts``); not where they were left out.
        meta: how the index was made.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.index, self.docid = directory / "index", directory / "docid"
        self.components, self.meta = directory / "components.npy", directory / "meta.json"
        self.texts = directory / TEXTS

    def data_files(self) -> list[Path]:
        """The files beside ``meta.json`` that are there."""
        return [path for path in (self.index, self.docid, self.components, self.texts) if path.exists()]


#: The names an index directory consists of; ``--overwrite`` replaces directories of these and no others.
INDEX_FILES = frozenset({"index", "docid", "components.npy", TEXTS, "meta.json"})


@dataclass(frozen=True)
class IndexMeta:
    """The content of ``meta.json``.

    ``encoder`` holds the settings of the encoder that made the vectors (see ``encode.settings``), ``augmentation``
    how generated queries were mixed in (None for a base index), ``storage`` is ``float32``, ``float16`` or the Faiss
    factory string of another kind of index, ``files`` holds the SHA-256 of the files beside ``meta.json``.
    """

    dim: int
    count: int
    metric: str = "inner_product"
    encoder: dict[str, Any] | None = None
    augmentation: dict[str, Any] | None = None
    storage: str = "float32"
    files: dict[str, str] = field(default_factory=dict)
    kind: str = KIND
    version: int = VERSION


def read_meta(directory: Path) -> IndexMeta | None:
    """The ``meta.json`` of an index directory; None where there is none (a plain Pyserini index).

    Raises:
        IndexFormatError: the file is of another kind or of a newer version.
    """
    path = IndexLayout(directory).meta
    if not path.exists():
        return None
    return meta_of(read_json(path), str(path))


def meta_of(raw: Mapping[str, Any], place: str) -> IndexMeta:
    """What an index records of itself, from the JSON object in which it does.

    Args:
        raw: the object.
        place: where it is from, for the message.

    Raises:
        IndexFormatError: it is of another kind or of a newer version.
    """
    if raw.get("kind") != KIND:
        raise IndexFormatError(f"{place}: kind {raw.get('kind')!r} is no {KIND!r}")
    if raw.get("version") != VERSION:
        raise IndexFormatError(
            f"{place}: version {raw.get('version')!r}; this release reads version {VERSION}: upgrade xqg_pyserini"
        )
    try:
        return IndexMeta(**raw)
    except TypeError as error:
        raise IndexFormatError(f"{place}: fields do not fit version {VERSION}: {error}") from None


def write_meta(directory: Path, meta: IndexMeta) -> None:
    """Write ``meta.json`` with the checksums of the files beside it."""
    layout = IndexLayout(directory)
    files = {path.name: sha256_of(path) for path in layout.data_files()}
    write_json(layout.meta, asdict(meta) | {"files": files})


def check_directory(directory: Path) -> IndexLayout:
    """The layout of an existing index directory.

    Raises:
        IndexFormatError: the directory or one of Pyserini's two files is missing.
    """
    layout = IndexLayout(directory)
    missing = [path.name for path in (layout.index, layout.docid) if not path.is_file()]
    if not directory.is_dir():
        raise IndexFormatError(f"{directory}: no such index directory; `xqg encode` makes one")
    if missing:
        raise IndexFormatError(
            f"{directory} is no index directory: {' and '.join(missing)} missing (a Faiss index is the two files "
            f"'index' and 'docid')"
        )
    return layout


def check_index_output(output: Path, overwrite: bool, inputs: Iterable[Path] = ()) -> None:
    """Refuse an output that is there already, or that would replace what is read to make it.

    Args:
        output: the index directory to be written; see ``check_output_directory``.
        overwrite: whether the user gave ``--overwrite``.
        inputs: files and directories that are read.

    Raises:
        OutputExistsError: ``output`` may not be written.
    """
    place = output.resolve()
    for path in inputs:
        if place in (path.resolve(), *path.resolve().parents):
            raise OutputExistsError(f"{output} would replace {path}, which is read: choose another name")
    check_output_directory(output, overwrite, INDEX_FILES)


def stream_docids(directory: Path) -> Iterator[str]:
    """The passage ids of an index directory in row order, read as they are needed."""
    return (line.rstrip() for _, line in read_lines(IndexLayout(directory).docid))
