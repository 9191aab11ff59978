"""One family of exceptions: what a user can mend.

A message says what was got, what is allowed and what to do. Commands print it as one line on stderr and
exit with code 2; anything outside this family is a defect and keeps its traceback.
"""

from pathlib import Path


class XqgError(Exception):
    """Base of every error a user can mend."""


class InputError(XqgError):
    """A file whose content cannot be used; names the file and, where known, the line (from 1)."""

    def __init__(self, message: str, path: str | Path | None = None, line: int | None = None) -> None:
        place = "" if path is None else f"{path}:{line}: " if line is not None else f"{path}: "
        super().__init__(f"{place}{message}")
        self.path, self.line = path, line


class OutputExistsError(XqgError):
    """An output that is already there and may not be replaced."""


class UnknownNameError(XqgError):
    """A name that no registry knows; the message lists the known ones."""


class EncoderNotFoundError(XqgError):
    """An encoder that was not found; the message says where it was looked for."""


class EncoderMismatchError(XqgError):
    """An encoder that does not fit an index; the message names each difference."""


class IndexFormatError(XqgError):
    """An index directory that is missing files, damaged or of a newer version."""


class JavaError(XqgError):
    """No usable Java, or a JVM that was started without Anserini."""


class MissingExtraError(XqgError):
    """A feature whose optional package is not installed; the message says which line installs it."""
