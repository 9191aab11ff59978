"""What each kind of step does: the stages' public functions, from the files of its inputs to files of its own."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np
from rapidfuzz.distance import Levenshtein

from xqg_pyserini.data import read_generated_queries
from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.encode.settings import check_same, query_side
from xqg_pyserini.errors import EncoderNotFoundError, InputError, XqgError
from xqg_pyserini.evaluate import answer_source, evaluate_runs, measure_alignment, measure_hubness, read_typo_edits
from xqg_pyserini.evaluate.metrics import parse_metrics
from xqg_pyserini.experiment.collected import Collected, collect, read_queries, write_queries, write_rows
from xqg_pyserini.experiment.plan import ALIGNMENT_METRICS, HUBNESS, UNASKED, CollectionPlan
from xqg_pyserini.experiment.plan_checks import retrieval_metrics
from xqg_pyserini.experiment.step_cache import Step, content_hash
from xqg_pyserini.experiment.text_vectors import TextVectors
from xqg_pyserini.files import write_json
from xqg_pyserini.index import AugmentOptions, AugmentSource, augment_index
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.records import GeneratedQuery, Query
from xqg_pyserini.rewrite import Lexicon
from xqg_pyserini.rewrite.corrected_queries import average_variants
from xqg_pyserini.search import OpenedIndex, search_queries
from xqg_pyserini.storage.index_directory import read_meta
from xqg_pyserini.trec import read_run, write_run
from xqg_pyserini.typo.misspell import TypoSettings, generator_of

RUN_FILE = "run.trec.gz"
SCORES_FILE = "scores.json"
_GENERATED = "generated.jsonl"
#: Tokens that an encoder puts around a text.
_SPECIAL_TOKENS = 2


@dataclass(frozen=True)
class Machine:
    """How steps run: what their results do not depend on, but for the backend, which is part of the encoder.

    Args:
        backend: a name in ``xqg_pyserini.encode.BACKENDS``.
        device: a torch device.
        threads: CPU threads of each process; None leaves the libraries' choice.
        vectors: folder of the vectors of queries, below it one for each encoder and collection.
    """

    backend: str
    device: str
    threads: int | None
    vectors: Path


@dataclass(frozen=True)
class Task:
    """A step that is to be done now.

    Args:
        step: what.
        inputs: role -> folder of that input.
        encoder: digest of the encoder, where the step has one as an input.
        folder: where the result goes.
        machine: how.
    """

    step: Step
    inputs: Mapping[str, Path]
    encoder: str
    folder: Path
    machine: Machine

    @property
    def options(self) -> Mapping[str, Any]:
        """What the result depends on, beside the inputs."""
        return self.step.options

    def collection(self) -> Collected:
        """The collection among the inputs."""
        return Collected(self.inputs["collection"])

    def queries(self) -> list[Query]:
        """The queries among the inputs, clean or misspelled."""
        return read_queries(self.inputs["queries"] / "queries.jsonl")

    def text_encoder(self) -> TextEncoder:
        """The encoder, loaded once in a process."""
        return text_encoder(str(self.step.places["checkpoint"]), self.machine)

    def text_vectors(self) -> TextVectors:
        """The encoder of the collection's queries that remembers.

        Each collection has a folder of its own, so that the batches of a run do not depend on the order of its steps.
        """
        folder = self.machine.vectors / self.encoder[:16] / str(self.step.places["collection"])
        return TextVectors(folder, self.text_encoder())

    def encode(self, queries: Sequence[Query]) -> np.ndarray:
        """``(len(queries), dim) float32``: of each query, averaged with its corrected versions where there are some."""
        vectors = self.text_vectors()
        if "corrected" not in self.inputs:
            return vectors.encode_queries([query.text for query in queries])
        variants = read_variants(self.inputs["corrected"])
        return average_variants(cast(TextEncoder, vectors), [variants[query.text] for query in queries])


@lru_cache(maxsize=2)
def text_encoder(checkpoint: str, machine: Machine) -> TextEncoder:
    """An encoder, kept for the next step that needs it."""
    return TextEncoder(checkpoint, device=machine.device, threads=machine.threads, backend=machine.backend)


def read_variants(folder: Path) -> dict[str, list[str]]:
    """Text of a query -> the text and its corrected versions."""
    return {row["variants"][0]: row["variants"] for _, row in read_jsonl(folder / "variants.jsonl")}


def encoder_digest(step: Step, machine: Machine) -> str | None:
    """What identifies an encoder: weights, settings and backend, whatever its name; None where it is not there yet."""
    try:
        encoder = text_encoder(str(step.places["checkpoint"]), machine)
    except EncoderNotFoundError:
        if step.inputs:  # it will be trained
            return None
        raise
    described = [encoder.describe(), encoder.describe_queries()]
    return content_hash([_without_names(facts) for facts in described])


def _without_names(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_names(value) if isinstance(value, Mapping) else value
        for key, value in facts.items()
        if key != "name"
    }


def train(step: Step) -> None:
    """Run ``xqg train`` where the directory is missing.

    Raises:
        XqgError: the command failed; it has printed why.
    """
    command = ["train", *step.places["arguments"], "--output", str(step.places["checkpoint"])]
    # a process of its own, whose memory is free again before anything is encoded
    done = subprocess.run([sys.executable, "-m", "xqg_pyserini", *command], check=False)
    if done.returncode:
        raise XqgError(f"step {step.id}: xqg {' '.join(command)} failed with exit code {done.returncode}")


def _collect(task: Task) -> None:
    collect(CollectionPlan(**task.step.places["plan"]), task.folder)


def _misspell(task: Task) -> None:
    queries, settings = task.collection().queries(), task.options
    if not settings["typos"]:
        write_queries(task.folder / "queries.jsonl", queries)
        write_rows(task.folder / "edits.jsonl", ())
        return
    generator = generator_of(_typo_settings(settings))
    made = [generator(query).generate(query.query_id, query.text)[0] for query in queries]
    misspelled = (query._replace(text=one.text) for query, one in zip(queries, made, strict=True))
    write_queries(task.folder / "queries.jsonl", misspelled)
    write_rows(task.folder / "edits.jsonl", (one.as_row() for one in made))


def _typo_settings(options: Mapping[str, Any]) -> TypoSettings:
    return TypoSettings(options["typos"], options["seed"], options["preset"], any_language=options["any_language"])


def _severity(task: Task) -> None:
    """What the edits changed of each query's characters and subword tokens, and its clean text's pieces per word."""
    folder = task.inputs["queries"]
    rows, edits = [row for _, row in read_jsonl(folder / "edits.jsonl")], read_typo_edits(folder / "edits.jsonl")
    encoder = task.text_encoder()
    length = encoder.settings.query_max_length
    clean, typo = (encoder.queries.tokenise([row[side] for row in rows], length) for side in ("clean", "text"))
    sizes = [max(len(ids) - _SPECIAL_TOKENS, 1) for ids in clean]
    changed = [Levenshtein.distance(a, b) for a, b in zip(clean, typo, strict=True)]
    facts = {
        "query_ids": [row["query_id"] for row in rows],
        "characters": [edits[row["query_id"]].severity if row["edits"] else 0.0 for row in rows],
        "tokens": [number / size for number, size in zip(changed, sizes, strict=True)],
        "pieces": [size / max(len(row["clean"].split()), 1) for size, row in zip(sizes, rows, strict=True)],
    }
    write_json(task.folder / "severity.json", facts)


def _correct(task: Task) -> None:
    """The corrected versions of each query, by the words of the collection's lexicon and of the generated queries."""
    lexicon = _lexicon(task.inputs["collection"], task.inputs.get("generated"))
    rows = []
    for query in task.queries():
        corrector = lexicon.corrector(query.lang)
        variants = corrector.variants(query.text, task.options["corrections"]) if corrector else [query.text]
        rows.append({"id": query.query_id, "variants": variants})
    write_rows(task.folder / "variants.jsonl", rows)


@lru_cache(maxsize=2)
def _lexicon(collection: Path, generated: Path | None) -> Lexicon:
    """Kept for the next step, because reading the words of a language takes a second."""
    texts = list(Collected(collection).lexicon())
    if generated:
        texts += [(query.lang, query.text) for _, _, query in read_generated_queries(generated / _GENERATED)]
    return Lexicon(texts)


def _encode_queries(task: Task) -> None:
    """Vectors of every text that the searches will ask for; the result is that they are there."""
    texts: dict[str, None] = dict.fromkeys(task.collection().translations().values())
    for role, folder in task.inputs.items():
        if role.startswith("queries"):
            texts |= dict.fromkeys(query.text for query in read_queries(folder / "queries.jsonl"))
        elif role.startswith("corrected"):
            texts |= dict.fromkeys(text for variants in read_variants(folder).values() for text in variants)
    task.text_vectors().encode_queries(list(texts))
    write_json(task.folder / "encoder.json", {"encoder": task.encoder})


def _encode_passages(task: Task) -> None:
    output = task.folder / "index"
    if read_meta(output) is None:  # else a run was killed after the index was complete
        encode_corpus(task.collection().passages(), task.text_encoder(), output, task.step.name, texts=False)


def _generate(task: Task) -> None:
    """Generated queries in one file, misspelled where that is asked for."""
    options = task.options
    found: list[GeneratedQuery] = []
    for source in task.step.places["queries"]:
        if source == UNASKED:
            found += _unasked(task.collection(), options["per_passage"])
        else:
            found += [query for _, _, query in read_generated_queries(source)]
    if options["languages"] is not None:
        found = [query for query in found if query.lang in options["languages"]]
    if not found:
        raise InputError(f"step {task.step.id}: no generated query is left for the index")
    texts = [query.text for query in found]
    if options["typos"]["typos"]:
        generator = generator_of(_typo_settings(options["typos"]))
        asked = [Query(f"{query.doc_id}-{number}", query.text, query.lang) for number, query in enumerate(found)]
        texts = [generator(query).generate(query.query_id, query.text)[0].text for query in asked]
    rows = ({"docid": query.doc_id, "lang": query.lang, "text": text} for query, text in zip(found, texts, strict=True))
    write_rows(task.folder / _GENERATED, rows)


def _unasked(collection: Collected, per_passage: int) -> Iterator[GeneratedQuery]:
    """The questions that the sample left out, as queries of the passages that they are judged relevant to."""
    taken: dict[tuple[str, str], int] = {}
    qrels = collection.qrels()
    for query in collection.unasked():
        for doc_id, relevance in qrels[query.query_id].items():
            number = taken.get((doc_id, query.lang), 0)
            if relevance > 0 and number < per_passage:
                taken[doc_id, query.lang] = number + 1
                yield GeneratedQuery(doc_id, query.lang, query.text)


def _augment(task: Task) -> None:
    output = task.folder / "index"
    if read_meta(output) is None:
        source = AugmentSource(
            task.inputs["index"] / "index", [task.inputs["generated"] / _GENERATED], task.text_encoder()
        )
        augment_index(source, output, AugmentOptions(rule=task.options["rule"], alpha=task.options["alpha"]))


def _search(task: Task) -> None:
    directory = task.inputs["index"] / "index"
    meta = read_meta(directory)
    assert meta is not None
    assert meta.encoder is not None
    check_same(query_side(meta.encoder), task.text_encoder().describe_queries(), f"step {task.step.id}")
    opened = OpenedIndex(directory, task.machine.threads)
    found = search_queries(task.queries(), opened, task, task.options["hits"])
    write_run(task.folder / RUN_FILE, ((query.query_id, hits) for query, hits in found), task.step.name)


def _evaluate(task: Task) -> None:
    """Scores of each query, and hubness of each language."""
    collection = task.collection()
    queries = collection.queries()
    languages = {query.query_id: query.lang for query in queries}
    run, qrels = read_run(task.inputs["run"] / RUN_FILE), collection.qrels()
    metrics = retrieval_metrics(tuple(task.options["metrics"]))
    scored: dict[str, Any] = {"query_ids": [], "languages": [], "scores": {}}
    if metrics:
        answers = None
        if any(metric.family.needs == "answers" for metric in parse_metrics(metrics)):
            answers = answer_source(queries, collection.passages(), [run])
        asked = {query_id: qrels[query_id] for query_id in languages}
        found = evaluate_runs(
            asked, {"run": run}, metrics, answers=answers, languages=languages, threads=task.machine.threads or 1
        )
        scores = {metric: np.asarray(found.of("run", metric)).tolist() for metric in metrics}
        scored = {"query_ids": found.query_ids, "languages": found.languages, "scores": scores}
    scored["hubness"] = {}
    for metric in task.options["metrics"]:
        if depth := HUBNESS.fullmatch(metric):
            scored["hubness"] |= _hubness(run, languages, len(collection.passages()), int(depth[1]))
    write_json(task.folder / SCORES_FILE, scored)


def _hubness(run: Any, languages: Mapping[str, str], passages: int, k: int) -> dict[str, dict[str, float]]:
    """Metric -> language -> value."""
    found: dict[str, dict[str, float]] = {f"hubness-skew@{k}": {}, "first-hub-share": {}}
    for code in dict.fromkeys(languages.values()):
        own = {query_id: hits for query_id, hits in run.items() if languages[query_id] == code}
        hubness = measure_hubness(own, passages, k)
        found[f"hubness-skew@{k}"][code], found["first-hub-share"][code] = hubness.skew, hubness.first_hub_share
    return found


def _align(task: Task) -> None:
    """Each query's vector against that of its English translation, encoded as a query too, within each language."""
    queries, english = task.queries(), task.collection().translations()
    vectors = task.encode(queries)
    translated = task.text_vectors().encode_queries([english[query.query_id] for query in queries])
    codes = np.array([query.lang for query in queries])
    cosine, reciprocal = np.empty(len(queries)), np.empty(len(queries))
    for code in dict.fromkeys(codes.tolist()):
        own = codes == code
        aligned = measure_alignment(vectors[own], translated[own])
        cosine[own], reciprocal[own] = aligned.cosine, 1 / aligned.rank
    scores = dict(zip(ALIGNMENT_METRICS, (cosine.tolist(), reciprocal.tolist()), strict=True))
    ids = [query.query_id for query in queries]
    write_json(task.folder / SCORES_FILE, {"query_ids": ids, "languages": codes.tolist(), "scores": scores})


#: Kind of step -> what does it.
ACTIONS: dict[str, Callable[[Task], None]] = {
    "collect": _collect,
    "misspell": _misspell,
    "severity": _severity,
    "generate": _generate,
    "correct": _correct,
    "encode-passages": _encode_passages,
    "encode-queries": _encode_queries,
    "augment": _augment,
    "search": _search,
    "evaluate": _evaluate,
    "align": _align,
}


def run_task(task: Task) -> None:
    """Do a step; what an interrupted run left in its folder is used."""
    task.folder.mkdir(parents=True, exist_ok=True)
    ACTIONS[task.step.kind](task)
