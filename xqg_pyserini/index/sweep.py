"""Runs for a grid of augmentations from one pass over base vectors and generated queries, without rebuilding.

Every rule is a linear mix of a passage's vector and the sum of its queries' vectors (see ``rules``), so the score of a
mixed vector is the same mix of two inner products, which all settings of a set of languages share.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xqg_pyserini.errors import XqgError
from xqg_pyserini.files import atomic_directory, read_json, write_json
from xqg_pyserini.index.augment import block_shape
from xqg_pyserini.index.best_rows import BestRows
from xqg_pyserini.index.language_sums import LanguageSums
from xqg_pyserini.index.query_source import QuerySelection, QuerySource
from xqg_pyserini.index.rules import RULES
from xqg_pyserini.index.sweep_grid import BASE, LanguageSet, SweepGrid, SweepPoint
from xqg_pyserini.progress import progress
from xqg_pyserini.records import Hit, Run
from xqg_pyserini.storage.docid_rows import DocidRows, check_docids
from xqg_pyserini.storage.index_directory import IndexLayout, stream_docids
from xqg_pyserini.storage.stored_vectors import StoredVectors
from xqg_pyserini.trec import write_run

#: The file of a sweep's directory that says what each run is.
MANIFEST = "sweep.json"
KIND = "xqg-sweep"


@dataclass(frozen=True)
class SweepTopics:
    """Queries to search with: ids, their vectors ``(queries, dim) float32``, and hits wanted of each."""

    query_ids: Sequence[str]
    vectors: np.ndarray
    hits: int = 100


def sweep_index(
    source: QuerySource, topics: SweepTopics, grid: SweepGrid, max_queries: int | None = None
) -> dict[SweepPoint, Run]:
    """Search the base index and each augmentation of a grid, exactly; nothing is written.

    The scores are those of the indexes that ``augment_index`` would build, to within rounding.

    Args:
        source: base index and generated queries.
        topics: what to search for.
        grid: rules, alphas, sets of languages.
        max_queries: use only the first so many queries of each passage and language.

    Returns:
        a run for the base index (``BASE``) and each point of the grid.

    Raises:
        XqgError: a grid that is empty or out of range, an index whose metric is not the inner product, or no
            generated query that fits.
    """
    grid.check()
    base = StoredVectors(source.index)
    if base.header.metric != "inner_product":
        raise XqgError(f"{source.index}: metric {base.header.metric}; a sweep needs inner products")
    check_docids(stream_docids(source.index), base.header.count, str(IndexLayout(source.index).docid))
    rows = DocidRows(source.index, base.header.count)
    selection = QuerySelection(max_queries=max_queries)
    with (
        tempfile.TemporaryDirectory(prefix="xqg-sweep-") as scratch,
        source.open(rows, selection, Path(scratch)) as queries,
    ):
        queries.census.check(selection, strict=False)
        sets = grid.sets(tuple(queries.census.languages))
        search = _GridSearch(topics, grid, sets, base.header.count)
        shape = block_shape(base, queries.census)
        with progress(total=shape.passages, unit="passages", what="sweep") as bar:
            for (row, vectors), sums in zip(base.numbered_blocks(shape.rows), queries.sums(shape), strict=True):
                search.add(vectors, sums, row)
                bar.update(len(vectors))
    return search.runs(source.index)


class _GridSearch:
    """The best passages of every point of a grid so far."""

    def __init__(self, topics: SweepTopics, grid: SweepGrid, sets: list[LanguageSet], passages: int) -> None:
        self._topics, self._grid, self._sets = topics, grid, sets
        points = [BASE, *(point for languages in sets for point in grid.points(languages))]
        k = max(1, min(topics.hits, passages))
        self._best = {point: BestRows(len(topics.query_ids), k) for point in points}

    def add(self, vectors: np.ndarray, sums: LanguageSums, first_row: int) -> None:
        """Score a block of passages for every point."""
        passage_scores = self._topics.vectors @ vectors.T
        self._best[BASE].add(passage_scores, first_row)
        for languages in self._sets:
            total, weights = sums.weighted(
                {lang: self._grid.weights.get(lang, 1) if lang in languages.languages else 0 for lang in sums.languages}
            )
            query_scores = self._topics.vectors @ total.T
            for point in self._grid.points(languages):
                mix = RULES.get(point.rule).mix(vectors, total, weights, point.alpha)
                self._best[point].add(mix.passage * passage_scores + mix.queries * query_scores, first_row)

    def runs(self, index: Path) -> dict[SweepPoint, Run]:
        """The runs of all points, ties in the order of the passage ids."""
        found = {point: best.sorted() for point, best in self._best.items()}
        docids = _docids_of(index, np.unique(np.concatenate([rows.ravel() for _, rows in found.values()])))
        return {
            point: {
                query_id: _hits(row_scores, row, docids)
                for query_id, row_scores, row in zip(self._topics.query_ids, scores, rows, strict=True)
            }
            for point, (scores, rows) in found.items()
        }


def _docids_of(index: Path, rows: np.ndarray) -> dict[int, str]:
    wanted = set(rows.tolist())
    return {row: docid for row, docid in enumerate(stream_docids(index)) if row in wanted}


def _hits(scores: np.ndarray, rows: np.ndarray, docids: dict[int, str]) -> list[Hit]:
    hits = [Hit(docids[row], score) for score, row in zip(scores.tolist(), rows.tolist(), strict=True) if row >= 0]
    return sorted(hits, key=lambda hit: (-hit.score, hit.doc_id))


def write_sweep(runs: dict[SweepPoint, Run], output: Path, facts: dict[str, Any], overwrite: bool = False) -> None:
    """Write the runs of a sweep as TREC files, and ``sweep.json``, which says what each of them is.

    Args:
        runs: what ``sweep_index`` found.
        output: the directory to write; appears only when it is complete.
        facts: what else to record, JSON values.
        overwrite: replace a sweep that is there.

    Raises:
        OutputExistsError: ``output`` exists and may not be replaced.
    """
    rows = [
        {"run": f"{point.name}.trec", "rule": point.rule, "alpha": point.alpha, "languages": point.languages.languages}
        for point in runs
    ]
    with atomic_directory(output, overwrite, sweep_files(output)) as directory:
        for point, run in runs.items():
            write_run(directory / f"{point.name}.trec", run.items(), point.name)
        write_json(directory / MANIFEST, {"kind": KIND, "version": 1, **facts, "runs": rows})


def sweep_files(output: Path) -> frozenset[str]:
    """The names of the files of the sweep in ``output``; only the manifest where there is none."""
    manifest = output / MANIFEST
    rows = read_json(manifest).get("runs", []) if manifest.is_file() else []
    return frozenset({MANIFEST, *(str(row["run"]) for row in rows)})
