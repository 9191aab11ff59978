"""Texts of passages in an index that is made out of others: the same file where it can be, else its frames."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from xqg_pyserini.errors import IndexFormatError, XqgError
from xqg_pyserini.storage.index_directory import IndexLayout
from xqg_pyserini.storage.passage_texts import PassageTexts, open_texts
from xqg_pyserini.storage.text_frames import tables

# of Linux' ioctl_ficlone: a copy that shares the blocks of its source until one of them is changed
_FICLONE = 0x40049409
_BLOCK = 1 << 20


def carry_texts(index: Path, output: Path) -> None:
    """Give the directory ``output`` the texts of ``index``, of the same passages in the same order, if it has any.

    The file is linked where the file system allows, which takes no space and no time: a finished file of texts is
    never changed, only replaced. Where it does not, its blocks are shared, else it is copied.

    Raises:
        IndexFormatError: the file of texts is damaged.
    """
    if _has_texts(index):
        share_file(IndexLayout(index).texts, IndexLayout(output).texts)


def share_file(source: Path, target: Path) -> None:
    """Make ``target`` a file of the content of ``source``: a hard link, else a clone, else a copy, synced."""
    with contextlib.suppress(OSError):
        # a link to a symbolic link would be one, too
        os.link(source.resolve(), target)
        return
    # never into a file that is there: it may be a link to a finished one
    with source.open("rb") as read, target.open("xb") as write:
        try:
            fcntl.ioctl(write.fileno(), _FICLONE, read.fileno())
        except OSError:
            shutil.copyfileobj(read, write, _BLOCK)
        write.flush()
        os.fsync(write.fileno())


def have_texts(indexes: Sequence[Path]) -> bool:
    """Whether all of some indexes have texts of their passages.

    Raises:
        XqgError: some have and some have not; both are named.
        IndexFormatError: a file of texts is damaged.
    """
    having = [_has_texts(index) for index in indexes]
    if any(having) and not all(having):
        raise XqgError(
            f"{indexes[having.index(True)]} holds the texts of its passages and {indexes[having.index(False)]} does "
            f"not: encode again those without, or give --no-texts to leave out all"
        )
    return any(having)


def _has_texts(index: Path) -> bool:
    texts = open_texts(index)
    if texts is None:
        return False
    texts.close()
    return True


def join_texts(indexes: Sequence[Path], output: Path) -> None:
    """Write the frames of the texts of indexes, one index after the other, into the directory ``output``, synced.

    Raises:
        IndexFormatError: a file of texts is missing or damaged.
    """
    with IndexLayout(output).texts.open("xb") as sink:
        frames = []
        for texts in _opened(indexes):
            _copy_frames(texts, sink)
            frames.append(texts.frames)
        sink.write(tables(np.concatenate(frames)))
        sink.flush()
        os.fsync(sink.fileno())


def _opened(indexes: Sequence[Path]) -> Iterator[PassageTexts]:
    for index in indexes:
        texts = open_texts(index)
        if texts is None:
            raise IndexFormatError(f"{index} changed while it was read: run the same command again")
        with texts:
            yield texts


def _copy_frames(texts: PassageTexts, sink: IO[bytes]) -> None:
    with texts.path.open("rb") as source:
        left = int(texts.frames["packed"].sum(dtype=np.int64))
        while left:
            block = source.read(min(left, _BLOCK))
            sink.write(block)
            left -= len(block)
