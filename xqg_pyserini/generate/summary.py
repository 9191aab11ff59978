"""What a store holds, by language: generated, unique, in the language, found by round trip, kept."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from xqg_pyserini.errors import OutputExistsError
from xqg_pyserini.files import atomic_file, check_output_file
from xqg_pyserini.generate.filters.base import tokens_of
from xqg_pyserini.generate.query_row import QueryRow
from xqg_pyserini.generate.store import read_store
from xqg_pyserini.generate.summary_plot import draw_shares
from xqg_pyserini.storage.generated_queries import KEEP

#: Ranks of the round trip that are reported.
RANKS = (1, 10, 100)
#: Share of rejected queries in a language above which a warning is given.
MANY_REJECTED = 0.2


@dataclass
class LanguageSummary:
    """Numbers of the queries in one language; those that were not measured are None.

    Attributes:
        passages: passages with at least one query.
        generated: queries.
        unique: queries that no earlier one of their passage equals but for case, punctuation and spaces.
        in_language: queries in the language that was asked for.
        found: queries whose passage is found at rank 1, 10, 100 or better.
        verdicts: queries by verdict; empty before filters have run.
    """

    passages: int = 0
    generated: int = 0
    unique: int = 0
    in_language: int | None = None
    found: dict[int, int] | None = None
    verdicts: Counter[str] = field(default_factory=Counter)

    def add(self, row: QueryRow) -> None:
        """Count the queries of a row."""
        self.passages += bool(row.queries)
        self.generated += len(row.queries)
        self.unique += len(set(map(tokens_of, row.queries)))
        self.verdicts.update(row.verdicts)
        if (others := row.measures.get("language")) is not None:
            self.in_language = (self.in_language or 0) + others.count("")
        if (ranks := row.measures.get("rank")) is not None:
            found = self.found or dict.fromkeys(RANKS, 0)
            self.found = {
                k: number + sum(rank is not None and rank <= k for rank in ranks) for k, number in found.items()
            }

    @property
    def kept(self) -> int | None:
        """Queries that no filter rejects; None before filters have run."""
        return self.verdicts[KEEP] if self.verdicts else None

    def numbers(self) -> dict[str, int | None]:
        """The numbers by the names of the table's columns."""
        found = self.found or dict.fromkeys(RANKS)
        return {
            "passages": self.passages,
            "generated": self.generated,
            "unique": self.unique,
            "in language": self.in_language,
            **{f"rank {k}": found[k] for k in RANKS},
            "kept": self.kept,
        }


@dataclass(frozen=True)
class StoreSummary:
    """A ``LanguageSummary`` for each language of a store."""

    languages: dict[str, LanguageSummary]

    def warnings(self) -> list[str]:
        """A sentence for each language of which more than a fifth is rejected, and for each without queries."""
        found = []
        for code, one in self.languages.items():
            rejected = one.verdicts.total() - one.verdicts[KEEP]
            if rejected > MANY_REJECTED * one.verdicts.total():
                why = ", ".join(f"{number} {name}" for name, number in one.verdicts.most_common() if name != KEEP)
                found.append(f"{code}: {rejected} of {one.verdicts.total()} queries are rejected: {why}")
        return found

    def table(self) -> str:
        """A Markdown table: numbers of queries, and in brackets their share of the generated ones in percent."""
        head = ["language", *LanguageSummary().numbers()]
        lines = [head, ["---", *["---:"] * (len(head) - 1)]]
        for code, one in self.languages.items():
            cells = [_cell(name, number, one.generated) for name, number in one.numbers().items()]
            lines.append([code, *cells])
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)

    def plot(self, path: Path) -> None:
        """Draw the shares of the generated queries as an SVG file.

        Raises:
            MissingExtraError: Matplotlib is not installed.
        """
        draw_shares({code: one.numbers() for code, one in self.languages.items()}, path)


def _cell(name: str, number: int | None, generated: int) -> str:
    if number is None:
        return "–"
    if name in ("passages", "generated") or not generated:
        return str(number)
    return f"{number} ({100 * number / generated:.1f})"


def summarize_rows(rows: Iterable[QueryRow]) -> StoreSummary:
    """Count rows by language."""
    languages: dict[str, LanguageSummary] = {}
    for row in rows:
        languages.setdefault(row.language, LanguageSummary()).add(row)
    return StoreSummary(dict(sorted(languages.items())))


def summarize_store(store: Path) -> StoreSummary:
    """Count the queries of a store by language; see ``read_store`` for what is raised."""
    return summarize_rows(read_store(store))


def write_summary(summary: StoreSummary, output: Path, overwrite: bool = False) -> None:
    """Write the table to a Markdown file and the plot beside it, ``.svg``.

    Raises:
        OutputExistsError: one of them exists and may not be replaced, or the table's name ends in ``.svg``.
        MissingExtraError: Matplotlib is not installed.
    """
    plot = output.with_suffix(".svg")
    if plot == output:
        raise OutputExistsError(f"{output}: the table needs a name of its own, such as {output.with_suffix('.md')}")
    for path in (output, plot):
        check_output_file(path, overwrite)
    summary.plot(plot)
    with atomic_file(output) as stream:
        stream.write(f"{summary.table()}\n![share of the generated queries]({plot.name})\n")
        stream.writelines(f"\n- {warning}" for warning in summary.warnings())
