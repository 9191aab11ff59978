"""The job: queries for every passage of a corpus in every language, into a store; a killed run is resumed."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from itertools import batched, islice
from pathlib import Path
from typing import Any

from xqg_pyserini.encode.corpus_index import Shard
from xqg_pyserini.encode.fingerprint import corpus_hash
from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.generate.backends import GENERATION_BACKENDS, Decoding, GenerationBackend
from xqg_pyserini.generate.backends.base import Task, Written
from xqg_pyserini.generate.prompts import PROMPTS, Prompt, PromptOptions
from xqg_pyserini.generate.query_row import QueryRow
from xqg_pyserini.generate.store import StoreWriter
from xqg_pyserini.languages import Language, language
from xqg_pyserini.progress import progress
from xqg_pyserini.records import Passage
from xqg_pyserini.registry import unknown_name

#: Passages whose prompts are made together.
_PASSAGES = 64
_WHOLE = Shard()


@dataclass(frozen=True)
class GenerationOptions:
    """What is generated, and by what.

    Args:
        languages: codes of the languages of the queries.
        backend: name of a registered backend.
        backend_options: an object of that backend's options, such as ``Seq2seqOptions``.
        prompt: name of a registered prompt.
        prompt_options: see ``PromptOptions``.
        decoding: see ``Decoding``.
        shard: the part of the corpus to generate queries for.
    """

    languages: tuple[str, ...]
    backend: str
    backend_options: Any
    prompt: str = "xqg-mt5"
    prompt_options: PromptOptions = field(default_factory=PromptOptions)
    decoding: Decoding = field(default_factory=Decoding)
    shard: Shard = _WHOLE


@dataclass(frozen=True)
class GenerationReport:
    """``rows`` of the store, ``queries`` of this run, ``unusual`` ones among them, and what all runs cost."""

    rows: int
    queries: int
    unusual: int
    spent: dict[str, Any]


def generate_queries(
    passages: Iterable[Passage],
    options: GenerationOptions,
    output: Path,
    name: str = "",
    overwrite: bool = False,
) -> GenerationReport:
    """Generate queries for passages into a store.

    An interrupted run is resumed by the same call; where the backend is seeded, the finished store has the bytes that
    it would have had without the interruption.

    Args:
        passages: read twice, so no iterator; ids must be unique.
        options: see ``GenerationOptions``.
        output: directory of the store to write; it appears when it is complete.
        name: what the corpus is called.
        overwrite: replace a store that is there.

    Raises:
        UnknownNameError: a language, backend or prompt is unknown.
        XqgError: the prompt or the checkpoint does not know a language, or they do not belong together; and what the
            backend raises, for instance where an endpoint refuses the requests.
        OutputExistsError: ``output`` exists, or unfinished work with other options lies beside it.
        InputError: the shard has no passages.
    """
    opened = OpenedGeneration(options)
    total, digest = corpus_hash(passages)
    rows = options.shard.rows(total)
    if not rows:
        raise InputError(f"shard {options.shard} of {name or 'the corpus'} is empty: it has {total} passages")
    with StoreWriter(output, opened.made(f"{total} passages, {digest}", options.shard), overwrite) as writer:
        report = opened.fill(writer, ShardPassages(passages, rows))
        writer.finish(report.spent)
    return report


class OpenedGeneration:
    """What generates: the languages, the prompt and the backend, which are known to belong together.

    Args:
        options: see ``GenerationOptions``.

    Raises:
        UnknownNameError: a language, backend or prompt is unknown.
        XqgError: they do not belong together.
    """

    def __init__(self, options: GenerationOptions) -> None:
        self.options, self.languages = options, [language(code) for code in dict.fromkeys(options.languages)]
        self.prompt = PROMPTS.get(options.prompt)(options.prompt_options)
        options.decoding.check()
        self.decoding = replace(options.decoding, max_tokens=options.decoding.max_tokens or self.prompt.max_tokens)
        self.backend = GENERATION_BACKENDS.get(options.backend).open(options.backend_options, self.decoding)
        check_languages(self.languages, options.prompt, self.prompt, self.backend)

    def made(self, corpus: str, shard: Shard) -> dict[str, Any]:
        """All that the queries depend on, JSON values."""
        return {
            "backend": self.options.backend,
            **self.backend.describe(),
            **({"prompt": {"name": self.options.prompt, **self.prompt.describe()}} if self.backend.asks else {}),
            "decoding": asdict(self.decoding),
            "languages": [one.code for one in self.languages],
            "corpus": corpus,
            "shard": str(shard),
        }

    def fill(self, writer: StoreWriter, shard: "ShardPassages") -> GenerationReport:
        """Write the rows that the store does not have yet.

        Raises:
            InputError: the corpus lost passages while it was read.
        """
        return _fill(writer, shard, self.languages, self.prompt, self.backend)


def check_languages(languages: Sequence[Language], name: str, prompt: Prompt, backend: GenerationBackend) -> None:
    """Refuse languages that the prompt or the checkpoint does not know, and a prompt that the checkpoint does not know.

    Raises:
        XqgError: names what is known.
    """
    if not languages:
        raise XqgError("languages are needed, such as ar,bn,fi; got none")
    trained = backend.trained_prompt()
    if trained not in (None, name):
        raise XqgError(
            f"this checkpoint was trained with the prompt {trained!r}, got {name!r}: give --prompt {trained}"
        )
    known = {f"language of the prompt {name!r}": prompt.languages(), "language of this checkpoint": backend.languages()}
    for kind, codes in known.items():
        for one in languages:
            if codes is not None and one.code not in codes:
                raise unknown_name(kind, one.code, list(codes))


class ShardPassages:
    """The passages of a shard, from any row on."""

    def __init__(self, passages: Iterable[Passage], rows: range) -> None:
        self._passages, self.rows = passages, rows

    def __len__(self) -> int:
        return len(self.rows)

    def starting_at(self, number: int) -> Iterator[Passage]:
        return islice(iter(self._passages), self.rows.start + number, self.rows.stop)


def _fill(
    writer: StoreWriter,
    shard: ShardPassages,
    languages: Sequence[Language],
    prompt: Prompt,
    backend: GenerationBackend,
) -> GenerationReport:
    """Write the rows that the store does not have yet."""
    # a resumed run repeats the batch in which the killed one ended, whose rows it has in part
    start = writer.count - writer.count % backend.stride
    tasks = _tasks(shard, languages, prompt, start)
    kept = writer.completions if backend.keeps_answers else None
    queries = unusual = 0
    bar = progress(total=len(shard), unit="passages", what="generate")
    # closed before the writer is: requests that run still write down their answers
    with bar, closing(backend.generate(tasks, kept)) as answers:
        bar.initial = bar.n = writer.count // len(languages)
        for written in answers:
            if written.task.row < writer.count:
                continue
            row = as_row(written, prompt)
            writer.add([row])
            queries += len(row.queries)
            unusual += sum(map(bool, row.origin.get("problems", [])))
            _show(bar, writer.count // len(languages), backend)
    wanted = len(shard) * len(languages)
    if writer.count != wanted:
        raise InputError(f"the corpus changed meanwhile: {writer.count} of {wanted} rows came")
    return GenerationReport(writer.count, queries, unusual, backend.spent())


def _show(bar: Any, passages: int, backend: GenerationBackend) -> None:
    """Move the bar to so many passages; with what they cost, where they cost something."""
    if passages > bar.n:
        if spent := backend.spent():
            bar.set_postfix({name: value for name, value in spent.items() if value}, refresh=False)
        bar.update(passages - bar.n)


def _tasks(shard: ShardPassages, languages: Sequence[Language], prompt: Prompt, start: int) -> Iterator[Task]:
    """The tasks of a shard from row ``start`` on; prompts are made for some passages at a time."""
    first = start // len(languages)
    row = first * len(languages)
    for chunk in batched(shard.starting_at(first), _PASSAGES):
        for passage, texts in zip(chunk, prompt.fill(chunk, languages), strict=True):
            for wanted, text in zip(languages, texts, strict=True):
                if row >= start:
                    yield Task(row, passage, wanted.code, text)
                row += 1


def as_row(written: Written, prompt: Prompt) -> QueryRow:
    """The row of a store: what the prompt reads in the completions, with what was unusual of each."""
    answers = [prompt.read(completion.text) for completion in written.completions]
    pairs = zip(written.completions, answers, strict=True)
    notes = ["; ".join(filter(None, (completion.note, answer.problem))) for completion, answer in pairs]
    origin: dict[str, Any] = {}
    for name, values in (("problems", notes), ("summaries", [answer.summary for answer in answers])):
        if any(values):
            origin[name] = values
    task, queries = written.task, [answer.query for answer in answers]
    raw = [completion.text for completion in written.completions]
    if raw != queries:
        origin["completions"] = raw
    return QueryRow(task.passage.doc_id, task.language, queries, written.measures, origin=origin)
