"""Misspelt topics as files: one topics file per variant, as the literature's ten typo sets, and the edits."""

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from xqg_pyserini.errors import OutputExistsError
from xqg_pyserini.files import atomic_file
from xqg_pyserini.records import Query
from xqg_pyserini.typo.misspell import GeneratorByLanguage
from xqg_pyserini.typo.typo_query import TypoQuery


@dataclass
class TypoReport:
    """What happened to a set of topics: operators and reasons with their counts, over all variants."""

    queries: int = 0
    variants: int = 0
    changed: int = 0
    operators: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    repeated: int = 0

    def add(self, made: Sequence[TypoQuery], variants: int) -> None:
        """Count the variants of one query."""
        self.queries += 1
        self.variants += variants
        self.repeated += variants - len(made) if made[0].edits else 0
        self.changed += variants if made[0].edits else 0
        self.operators.update(edit.op for query in made for edit in query.edits)
        self.reasons.update({made[0].unchanged_reason: 1} if not made[0].edits else {})

    def lines(self) -> list[str]:
        """The report in lines of text."""
        shares = ", ".join(f"{name} {count}" for name, count in self.operators.most_common())
        lines = [f"{self.changed} of {self.variants} lines misspelt ({self.queries} queries); {shares or 'no slips'}"]
        if self.reasons:
            lines.append("left alone: " + ", ".join(f"{count} {why}" for why, count in self.reasons.most_common()))
        if self.repeated:
            lines.append(f"{self.repeated} lines repeat a variant: their queries have no more different ones")
        return lines


def variant_paths(output: Path, variants: int) -> list[Path]:
    """``FILE.tsv`` for one variant, else ``FILE.1.tsv``, ``FILE.2.tsv`` …"""
    if variants == 1:
        return [output]
    suffixes = "".join(output.suffixes[-2:]) if output.suffix == ".gz" else output.suffix
    stem = output.name[: len(output.name) - len(suffixes)]
    return [output.with_name(f"{stem}.{number}{suffixes}") for number in range(1, variants + 1)]


def write_typo_sets(
    queries: Iterable[Query],
    generators: GeneratorByLanguage,
    variants: int,
    output: Path,
    edits_output: Path | None = None,
    overwrite: bool = False,
) -> TypoReport:
    """Write misspelt topics, ``query_id<TAB>text``, and their edits as JSON lines.

    Every query stands in every file: one that has fewer different variants repeats them in turn, one that cannot be
    misspelt stands unchanged.

    Raises:
        OutputExistsError: a file is there and ``overwrite`` is not given; found out before any work.
    """
    paths = variant_paths(output, variants)
    _check_free([*paths, *([edits_output] if edits_output else [])], overwrite)
    report = TypoReport()
    with _open_all(paths) as sets, _open_all([edits_output] if edits_output else []) as records:
        for query in queries:
            made = generators.of(query).generate(query.query_id, query.text, variants)
            report.add(made, variants)
            for number, stream in enumerate(sets):
                text = " ".join(made[number % len(made)].text.splitlines()).replace("\t", " ")
                stream.write(f"{query.query_id}\t{text}\n")
            for stream in records:
                stream.writelines(json.dumps(each.as_row(), ensure_ascii=False) + "\n" for each in made)
    return report


def _check_free(paths: list[Path], overwrite: bool) -> None:
    taken = [path for path in paths if path.exists()]
    if len(set(paths)) < len(paths):
        raise OutputExistsError(f"{paths[-1]} is named for topics and edits: give --edits-output another name")
    if taken and not overwrite:
        raise OutputExistsError(f"{taken[0]} exists: choose another name or give --overwrite")


@contextlib.contextmanager
def _open_all(paths: Iterable[Path]) -> Iterator[list[IO[str]]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(atomic_file(path)) for path in paths]


def description(query: TypoQuery) -> str:
    """What happened to a query, in words: ``delete letter 'o' at 4``."""
    if not query.edits:
        return f"unchanged: {query.unchanged_reason}"
    parts = []
    for edit in query.edits:
        keys = f" (keys {edit.keys_old} -> {edit.keys_new})" if edit.keys_new != edit.keys_old else ""
        parts.append(f"{edit.op}, {edit.unit} at {edit.start}: {edit.old!r} -> {edit.new!r}{keys}")
    return "; ".join(parts)
