"""Misspelled topics as files: one topics file per variant, as the literature's ten typo sets, and the edits."""

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xqg_pyserini.errors import InputError, OutputExistsError
from xqg_pyserini.files import atomic_file, check_output_file
from xqg_pyserini.records import Query
from xqg_pyserini.typo.misspell import TypoSettings, generator_of
from xqg_pyserini.typo.typo_query import TypoQuery


@dataclass
class TypoReport:
    """What happened to a set of topics.

    Attributes:
        variants: topics files.
        queries: topics in each of them.
        repeated: lines that repeat another variant of their topic.
        operators: edits made by each operator.
        reasons: topics that stayed unchanged, by reason.
    """

    variants: int
    queries: int = 0
    repeated: int = 0
    operators: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, made: Sequence[TypoQuery]) -> None:
        """Count the variants of one query."""
        self.queries += 1
        self.operators.update(edit.operator for query in made for edit in query.edits)
        if made[0].edits:
            self.repeated += self.variants - len(made)
        else:
            self.reasons[made[0].unchanged_reason] += 1

    def __str__(self) -> str:
        misspelled, lines = ((n * self.variants) for n in (self.queries - self.reasons.total(), self.queries))
        edits = ", ".join(f"{name} {count}" for name, count in self.operators.most_common()) or "no edits"
        text = f"{misspelled} of {lines} lines misspelled ({self.queries} queries); {edits}"
        if self.reasons:
            text += "\nunchanged: " + ", ".join(f"{count} {why}" for why, count in self.reasons.most_common())
        if self.repeated:
            text += f"\n{self.repeated} lines repeat a variant: their queries have no more different ones"
        return text


def variant_paths(output: Path, variants: int) -> list[Path]:
    """``FILE.tsv`` for one variant, else ``FILE.1.tsv``, ``FILE.2.tsv`` …"""
    if variants == 1:
        return [output]
    suffixes = "".join(output.suffixes[-2:]) if output.suffix == ".gz" else output.suffix
    stem = output.name[: len(output.name) - len(suffixes)]
    return [output.with_name(f"{stem}.{number}{suffixes}") for number in range(1, variants + 1)]


def write_typo_sets(
    queries: Iterable[Query],
    output: Path,
    settings: TypoSettings | None = None,
    variants: int = 1,
    edits_output: Path | None = None,
    overwrite: bool = False,
) -> TypoReport:
    """Write misspelled topics, ``query_id<TAB>text``, and their edits as JSON lines.

    Every query is in every file: a query with fewer different variants repeats them in turn, and a query that cannot be
    misspelled is unchanged.

    Args:
        queries: queries to misspell.
        output: topics file for one variant; ``FILE.1.tsv``, ``FILE.2.tsv`` … for several.
        settings: how to misspell.
        variants: topics files to write.
        edits_output: JSON-lines file for the edits; none is written where it is None.
        overwrite: replace files that exist.

    Raises:
        OutputExistsError: a file exists and ``overwrite`` is not given; raised before any work.
        InputError: a query id occurs twice, or the language of a query is not known.
    """
    generator = generator_of(settings or TypoSettings())
    paths = variant_paths(output, variants)
    if edits_output in paths:
        raise OutputExistsError(f"{edits_output} is named for topics and edits: give --edits-output another name")
    for path in [*paths, *([edits_output] if edits_output else [])]:
        check_output_file(path, overwrite)
    report = TypoReport(variants)
    seen: set[str] = set()
    with contextlib.ExitStack() as stack:
        topics = [stack.enter_context(atomic_file(path)) for path in paths]
        records = stack.enter_context(atomic_file(edits_output)) if edits_output else None
        for query in queries:
            if query.query_id in seen:
                raise InputError(f"the query id {query.query_id!r} occurs in two topics files: write them one by one")
            seen.add(query.query_id)
            made = generator(query).generate(query.query_id, query.text, variants)
            report.add(made)
            for number, stream in enumerate(topics):
                text = " ".join(made[number % len(made)].text.splitlines()).replace("\t", " ")
                stream.write(f"{query.query_id}\t{text}\n")
            if records:
                records.writelines(json.dumps(each.as_row(), ensure_ascii=False) + "\n" for each in made)
    return report
