"""The whole pipeline on the sample collection: encode, augment, search clean and misspelled queries, evaluate."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from xqg_pyserini.data import open_corpus, read_qrels, read_topics
from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.evaluate import (
    REPORT_FILES,
    Evaluation,
    EvaluationOptions,
    build_report,
    check_report_packages,
    compare_runs,
    evaluate_runs,
    pair_typo_runs,
    write_report_files,
)
from xqg_pyserini.files import check_output_directory
from xqg_pyserini.index import AugmentOptions, AugmentSource, augment_index
from xqg_pyserini.languages import language
from xqg_pyserini.records import Query, Run
from xqg_pyserini.sample import GENERATED
from xqg_pyserini.search import OpenedIndex
from xqg_pyserini.trec import read_run, write_run
from xqg_pyserini.typo import misspell_queries

COLLECTION = "xqg-sample"
LANGUAGES = ("en", "ar", "bn", "fi", "ja", "ko", "ru", "te")
METRICS = ("mrr@10", "recall@5")
TYPO_SEED = 7
HITS = 100
#: Significance level of the stars in the table.
LEVEL = 0.05


class System(NamedTuple):
    """What is compared: a folder of the output, the encoder that made it, and its title in the table."""

    folder: str
    encoder: str
    title: str


SYSTEMS = {
    "base": System("index", "embedded", "base"),
    "xqg": System("index-xqg", "embedded", "xQG"),
    "xdr": System("index-xdr", "embedded+xdr+typo", "xdr"),
}
#: What a quickstart's output directory consists of.
OUTPUT_FILES = REPORT_FILES | {
    *(system.folder for system in SYSTEMS.values()),
    *(f"{name}{suffix}.trec" for name in SYSTEMS for suffix in ("", ".typos")),
}

Say = Callable[[str], None]


def run_quickstart(
    output: Path, overwrite: bool = False, threads: int | None = None, say: Say = lambda _: None
) -> Evaluation:
    """Run every stage on the sample collection; files are written to ``output``.

    Args:
        output: a directory for the indexes, the runs and the report.
        overwrite: replace what an earlier quickstart left there.
        threads: CPU threads; None uses all.
        say: called with the command that would do each step.

    Returns:
        The evaluation of the runs (``base``, ``xqg``, ``xdr``, and each with ``.typos``) over all languages.

    Raises:
        OutputExistsError: ``output`` exists and may not be replaced.
        EncoderNotFoundError: the embedded encoder is not installed.
        MissingExtraError: plotly, which draws the report's plots, is not installed.
    """
    check_output_directory(output, overwrite, OUTPUT_FILES)
    check_report_packages()
    output.mkdir(parents=True, exist_ok=True)
    say("embedded encoder: multilingual-e5-small (built on first use)")
    names = dict.fromkeys(system.encoder for system in SYSTEMS.values())
    encoders = {name: TextEncoder(name, threads=threads) for name in names}
    _build_indexes(output, encoders, say)
    queries = read_topics([f"{COLLECTION}/{language}" for language in LANGUAGES])
    runs = _search(output, encoders, queries, threads, say)
    return _evaluate(output, runs, queries, threads, say)


def _build_indexes(output: Path, encoders: dict[str, TextEncoder], say: Say) -> None:
    corpus = open_corpus(COLLECTION)
    for name in ("base", "xdr"):
        index, encoder = output / SYSTEMS[name].folder, SYSTEMS[name].encoder
        say(f"xqg encode --corpus {COLLECTION} --encoder {encoder} --output {index}")
        encode_corpus(corpus, encoders[encoder], index, corpus.name, overwrite=True)
    base, augmented = output / SYSTEMS["base"].folder, output / SYSTEMS["xqg"].folder
    command = f"xqg index augment --index {base} --queries {os.path.relpath(GENERATED)} --output {augmented}"
    say(f"{command} --keep-components")
    options = AugmentOptions(keep_components=True)
    source = AugmentSource(base, [GENERATED], encoders[SYSTEMS["xqg"].encoder])
    augment_index(source, augmented, options, overwrite=True)


def _every_language(option: str) -> str:
    """An option repeated for each language, as a shell expands it."""
    return f"--{option}={COLLECTION}/{{{','.join(LANGUAGES)}}}"


def _search(
    output: Path, encoders: dict[str, TextEncoder], clean: list[Query], threads: int | None, say: Say
) -> dict[str, Run]:
    runs = {}
    for suffix, queries in {"": clean, ".typos": misspell_queries(clean, typos=1, typo_seed=TYPO_SEED)}.items():
        texts = [query.text for query in queries]
        vectors = {name: encoder.encode_queries(texts) for name, encoder in encoders.items()}
        typos = f" --typos 1 --typo-seed {TYPO_SEED}" if suffix else ""
        for system, (folder, encoder, _) in SYSTEMS.items():
            name = f"{system}{suffix}"
            path = output / f"{name}.trec"
            say(f"xqg search --index {output / folder} {_every_language('topics')}{typos} --output {path}")
            hits = OpenedIndex(output / folder, threads).search(vectors[encoder], HITS)
            write_run(path, zip((query.query_id for query in queries), hits, strict=True), name)
            runs[name] = read_run(path)
    return runs


def _evaluate(output: Path, runs: dict[str, Run], queries: list[Query], threads: int | None, say: Say) -> Evaluation:
    given = [f"--run {output / system}.trec --typo-run {system}={output / system}.typos.trec" for system in SYSTEMS]
    metrics = f'--metrics "{" ".join(METRICS)}"'
    say(f"xqg evaluate {_every_language('dataset')} {' '.join(given)} {metrics} --by language --output report")
    qrels = read_qrels([f"{COLLECTION}/{language}" for language in LANGUAGES])
    languages = {query.query_id: query.lang for query in queries}
    evaluation = evaluate_runs(qrels, runs, list(METRICS), languages=languages, threads=threads)
    typos = {
        (system, metric): pair_typo_runs(evaluation, evaluation.only(f"{system}.typos"), system, metric)
        for system in SYSTEMS
        for metric in METRICS
    }
    texts = {query.query_id: query.text for query in queries}
    report = build_report(evaluation.only(*SYSTEMS), EvaluationOptions(by="language"), typos=typos, texts=texts)
    write_report_files(report, output)
    return evaluation


def quickstart_table(evaluation: Evaluation, languages: tuple[str, ...]) -> str:
    """MRR@10 in plain text, times 100: one row a language and their mean, clean and misspelled queries.

    A star marks a score that differs from that of base on the same queries with p < 0.05 (Fisher's randomisation test,
    two-sided, not corrected for the number of languages).
    """
    width = 8
    kinds = "".join(f"  {kind:^{len(SYSTEMS) * width}}" for kind in ("clean", "1 typo"))
    titles = "".join(f"{system.title:>{width - 1}} " for system in SYSTEMS.values())
    lines = [" " * 10 + kinds, " " * 10 + f"  {titles}" * 2]
    for code in languages:
        part = evaluation.select(np.array(evaluation.languages) == code)
        lines.append(f"{language(code).name:<10}" + _cells(part, width))
    lines.append(f"{'all':<10}" + _cells(evaluation, width))
    return "\n".join(line.rstrip() for line in lines)


def _cells(evaluation: Evaluation, width: int) -> str:
    compared = {kind: compare_runs(evaluation, f"base{kind}") for kind in ("", ".typos")}
    cells = ""
    for kind, found in compared.items():
        cells += "  "
        for system in SYSTEMS:
            test = found.get((f"{system}{kind}", "mrr@10"))
            mark = "*" if test and test.p_value < LEVEL else " "
            cells += f"{100 * evaluation.mean(f'{system}{kind}', 'mrr@10'):>{width - 1}.1f}{mark}"
    return cells
