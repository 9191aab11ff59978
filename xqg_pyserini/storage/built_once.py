"""Directories in the user's cache that are built on first use."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from xqg_pyserini.files import sync_directory


def built_once(target: Path, build: Callable[[Path], None]) -> Path:
    """The directory ``target``, filled by ``build`` on the first call; appears only when it is complete.

    Args:
        target: the directory; its parents are made.
        build: writes the files into the empty directory it is given.
    """
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=".building."))
    try:
        build(temporary)
        try:
            temporary.rename(target)
        except OSError:
            # another process was faster and its directory is as good as ours
            if not target.is_dir():
                raise
        sync_directory(target.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target
