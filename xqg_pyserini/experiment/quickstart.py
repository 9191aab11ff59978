"""The whole pipeline on the sample collection: encode, augment, search clean and misspelt queries, evaluate."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xqg_pyserini.data.corpus import open_corpus
from xqg_pyserini.data.generated import read_generated
from xqg_pyserini.data.qrels import read_qrels
from xqg_pyserini.data.topics import read_topics
from xqg_pyserini.encode.corpus_index import encode_corpus
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.evaluate import evaluate_runs
from xqg_pyserini.evaluate.scores import Evaluation
from xqg_pyserini.files import check_output_directory, write_json
from xqg_pyserini.index.augment import AugmentOptions, AugmentSource, augment_index
from xqg_pyserini.index.rules import RULES, default_rule
from xqg_pyserini.records import Run
from xqg_pyserini.sample import GENERATED
from xqg_pyserini.search.opened_index import OpenedIndex
from xqg_pyserini.trec import Qrels, read_run, write_run
from xqg_pyserini.typo.misspell import misspell_queries

COLLECTION = "xqg-sample"
LANGUAGES = ("en", "ar", "bn", "fi", "ja", "ko", "ru", "te")
METRICS = ("mrr@10", "recall@5")
TYPO_SEED = 7
HITS = 100

#: What a quickstart's output directory consists of.
OUTPUT_FILES = frozenset(
    {"index", "index-xqg", "base.trec", "xqg.trec", "base.typos.trec", "xqg.typos.trec", "scores.json"}
)


@dataclass(frozen=True)
class QuickstartResult:
    """The evaluation of the four runs (``base``, ``xqg``, ``base.typos``, ``xqg.typos``) over all languages."""

    evaluation: Evaluation
    output: Path


def run_quickstart(
    output: Path, overwrite: bool = False, threads: int | None = None, say: Callable[[str], None] = lambda _: None
) -> QuickstartResult:
    """Run every stage on the sample collection; files are written to ``output``.

    Args:
        output: a directory for the two indexes, the four runs and the scores.
        overwrite: replace what an earlier quickstart left there.
        threads: CPU threads; None uses all.
        say: told what is done, as the command that would do it.

    Raises:
        OutputExistsError: ``output`` exists and may not be replaced.
        EncoderNotFoundError: the embedded encoder cannot be had.
    """
    check_output_directory(output, overwrite, OUTPUT_FILES)
    output.mkdir(parents=True, exist_ok=True)
    say("embedded encoder: multilingual-e5-small (built on first use)")
    encoder = TextEncoder("embedded", threads=threads)
    _build_indexes(output, encoder, say)
    runs = _search_all(output, encoder, threads, say)
    qrels, langs = _judgements()
    say("xqg evaluate")
    evaluation = evaluate_runs(qrels, runs, METRICS, langs=langs)
    write_json(output / "scores.json", {"means": evaluation.means})
    return QuickstartResult(evaluation, output)


def _build_indexes(output: Path, encoder: TextEncoder, say: Callable[[str], None]) -> None:
    base, augmented = output / "index", output / "index-xqg"
    corpus = open_corpus(COLLECTION)
    say(f"xqg encode --corpus {COLLECTION} --encoder embedded --output {base}")
    encode_corpus(corpus, encoder, base, corpus.name, overwrite=True)
    say(f"xqg index augment --index {base} --queries {os.path.relpath(GENERATED)} --output {augmented}")
    rule = default_rule(encoder.settings.normalize)
    source = AugmentSource(
        index=base,
        queries=lambda: read_generated([GENERATED]),
        encode=encoder.encode_queries,
        name=GENERATED.name,
        encoder=encoder.describe(),
    )
    augment_index(source, augmented, AugmentOptions(rule, RULES.get(rule).default_alpha), overwrite=True)


def _search_all(output: Path, encoder: TextEncoder, threads: int | None, say: Callable[[str], None]) -> dict[str, Run]:
    clean = [query for lang in LANGUAGES for query in read_topics(f"{COLLECTION}/{lang}")]
    runs = {}
    for suffix, queries in {"": clean, ".typos": misspell_queries(clean, typos=1, typo_seed=TYPO_SEED)}.items():
        vectors = encoder.encode_queries([query.text for query in queries])
        for system, folder in (("base", "index"), ("xqg", "index-xqg")):
            name = f"{system}{suffix}"
            path = output / f"{name}.trec"
            typos = f" --typos 1 --typo-seed {TYPO_SEED}" if suffix else ""
            say(f"xqg search --index {output / folder} --topics {COLLECTION}/LANG{typos} --output {path}")
            index = OpenedIndex(output / folder, threads)
            write_run(path, zip((query.query_id for query in queries), index.search(vectors, HITS), strict=True), name)
            runs[name] = read_run(path)
    return runs


def _judgements() -> tuple[Qrels, dict[str, str]]:
    """Judgements of all languages, and the language of each query."""
    qrels: Qrels = {}
    langs: dict[str, str] = {}
    for lang in LANGUAGES:
        judged = read_qrels(f"{COLLECTION}/{lang}")
        qrels |= judged
        langs |= dict.fromkeys(judged, lang)
    return qrels, langs
