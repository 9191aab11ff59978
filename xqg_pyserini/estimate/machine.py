"""The speeds of a machine: measured here (see ``measure``), or read from a file that was written where they were."""

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from xqg_pyserini.errors import InputError
from xqg_pyserini.files import read_json
from xqg_pyserini.registry import unknown_name

#: Machines whose speeds come with the package, some of them assumed: ``note`` says which.
_MACHINES = Path(__file__).parent / "machines"


@dataclass(frozen=True)
class Machine:
    """How fast one worker is, with one encoder, for texts of some length.

    Args:
        encoder: name of the encoder.
        dim: length of its vectors.
        backend: what runs it.
        device: what it runs on.
        passage_tokens: tokens of a passage, special ones included, on average over those that were encoded.
        query_tokens: tokens of a query.
        passages_per_second: passages encoded.
        queries_per_second: queries encoded.
        read_per_second: passages of a corpus read and checked.
        written_per_second: passages read, hashed, packed and written beside their vectors, without encoding.
        summed_per_second: queries read, found and mixed in, without encoding.
        written_bytes_per_second: bytes written to the disk of the output.
        scores_per_second: inner products of a flat search of many queries at once.
        passage_bytes: bytes of the JSON line of a passage, without its id.
        packed_bytes: bytes of a passage once its texts are compressed.
        query_bytes: bytes of a query in UTF-8.
        start_seconds: seconds that loading the encoder takes.
        process_bytes: memory of a process that encodes.
        generator: name of the generator of queries; empty where none was measured.
        generated_per_second: queries generated; 0 where none was measured.
        note: where the numbers come from.
    """

    encoder: str
    dim: int
    backend: str
    device: str
    passage_tokens: float
    query_tokens: float
    passages_per_second: float
    queries_per_second: float
    read_per_second: float
    written_per_second: float
    summed_per_second: float
    written_bytes_per_second: float
    scores_per_second: float
    passage_bytes: float
    packed_bytes: float
    query_bytes: float
    start_seconds: float
    process_bytes: int
    generator: str = ""
    generated_per_second: float = 0
    note: str = "measured on this machine"

    def at_lengths(self, passage_tokens: float | None, query_tokens: float | None) -> Self:
        """The machine for texts of other lengths; None keeps a length.

        Time and bytes of a text are taken to grow with its tokens: the products of a model do, but for those inside
        attention, which are a small part of texts of a few hundred tokens.
        """
        passages = (passage_tokens or self.passage_tokens) / self.passage_tokens
        queries = (query_tokens or self.query_tokens) / self.query_tokens
        return replace(
            self,
            passage_tokens=self.passage_tokens * passages,
            passages_per_second=self.passages_per_second / passages,
            read_per_second=self.read_per_second / passages,
            written_per_second=self.written_per_second / passages,
            passage_bytes=self.passage_bytes * passages,
            packed_bytes=self.packed_bytes * passages,
            query_tokens=self.query_tokens * queries,
            queries_per_second=self.queries_per_second / queries,
            generated_per_second=self.generated_per_second / queries,
            query_bytes=self.query_bytes * queries,
        )

    def to_dict(self) -> dict[str, Any]:
        """The machine as JSON values, for ``read_machine``."""
        return asdict(self)


def machine_names() -> list[str]:
    """Names of the machines that come with the package."""
    return sorted(path.stem for path in _MACHINES.glob("*.json"))


def read_machine(name: str) -> Machine:
    """A machine that comes with the package, or that of a file: an estimate of ``--json``, or its ``machine`` alone.

    Raises:
        UnknownNameError: neither a name nor a file.
        InputError: a field is missing, unknown or of another type, or a speed is not above 0.
    """
    path = Path(name)
    if not path.is_file():
        if name not in machine_names():
            raise unknown_name("machine", name, [*machine_names(), "a JSON file that `xqg estimate --json` wrote"])
        path = _MACHINES / f"{name}.json"
    raw = read_json(path)
    return _checked(raw.get("machine", raw), path)


def _checked(raw: Any, path: Path) -> Machine:
    if not isinstance(raw, dict):
        raise InputError("no machine: a JSON object of its speeds is needed", path)
    try:
        machine = Machine(**raw)
    except TypeError as error:
        reason = str(error).removeprefix("Machine.__init__() ")
        raise InputError(f"no machine of `xqg estimate --json`: {reason}", path) from None
    for field in fields(Machine):
        value = getattr(machine, field.name)
        if field.type is str:
            usable = isinstance(value, str)
        else:
            numeric = isinstance(value, int | float) and not isinstance(value, bool)
            usable = numeric and (value > 0 or (value == 0 and field.name in _MAY_BE_ZERO))
        if not usable:
            raise InputError(f"{field.name}: {value!r} cannot be used", path)
    return machine


_MAY_BE_ZERO = {"start_seconds", "generated_per_second"}
