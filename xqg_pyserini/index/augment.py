"""xQG: passage vectors mixed with the vectors of queries generated for them in other languages.

Zhuang, Shou and Zuccon, "Augmenting Passage Representations with Query Generation for Enhanced Cross-Lingual Dense
Retrieval", SIGIR 2023, arXiv 2305.03950. The index keeps its size and its format, and searching it costs no more.
"""

from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from xqg_pyserini.engine import RayEngine
from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.index.components import ComponentsWriter
from xqg_pyserini.index.mixing import AugmentOptions, QueryMixer, block_shape, write_blocks
from xqg_pyserini.index.query_counts import QueryCounts
from xqg_pyserini.index.query_source import OpenedQueries, QuerySource
from xqg_pyserini.index.sharded_augmentation import AugmentWork, write_parts
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.carried_texts import carry_texts
from xqg_pyserini.storage.docid_rows import DocidRows
from xqg_pyserini.storage.index_directory import IndexMeta, check_index_output
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.jobs import input_state
from xqg_pyserini.storage.stored_vectors import StoredVectors


@dataclass(frozen=True)
class AugmentReport:
    """What an augmentation did to an index of ``passages`` passages, with the rule and the alpha it used."""

    passages: int
    counts: QueryCounts
    rule: str
    alpha: float

    @property
    def without_queries(self) -> int:
        """Passages without queries, which keep their vector."""
        return self.passages - self.counts.passages

    def warnings(self) -> list[str]:
        """Sentences on passages without queries and on skipped queries."""
        kept = [f"{self.without_queries} passages have no queries and keep their vectors"]
        return (kept if self.without_queries else []) + self.counts.warnings()

    def __str__(self) -> str:
        return (
            f"{self.counts.passages} of {self.passages} passages augmented with {self.counts.used} queries in "
            f"{len(self.counts.languages)} languages (rule {self.rule}, alpha {self.alpha:g})"
        )


def augment_index(
    source: QuerySource,
    output: Path,
    options: AugmentOptions | None = None,
    overwrite: bool = False,
    strict: bool = False,
    engine: RayEngine | None = None,
) -> AugmentReport:
    """Write the index of ``source`` anew, each vector mixed with those of its passage's generated queries.

    Passages without queries keep their vector. The result is a flat index, whatever the base index is, and has the
    passages' texts where the base index has them. The same call resumes an interrupted run; the finished index depends
    neither on interruptions nor on the order of the queries (but see ``max_queries``).

    Args:
        source: an index and queries: ``AugmentSource`` for texts, ``VectorSource`` for vectors.
        output: the index directory to write; appears only when it is complete.
        options: rule, alpha, languages, weights and more; None takes the defaults.
        overwrite: replace an index that is there.
        strict: queries of unknown passages are an error instead of a number in the report.
        engine: workers that encode and mix, each of which opens the source; None does it in this process.

    Raises:
        XqgError: options out of range, no generated query fits, or workers failed.
        InputError: ``strict`` and there are queries of unknown passages.
        OutputExistsError: ``output`` exists and may not be replaced, or is read.
        IndexFormatError: the base index is damaged, or changed while it was read.
    """
    options = options or AugmentOptions()
    options.check()
    check_index_output(output, overwrite, source.inputs)
    base = StoredVectors(source.index)
    recorded = base.recorded()
    encoder = source.recorded_encoder() or recorded.encoder
    mixer = options.mixer(encoder)
    state = input_state(source.index)
    base.check_docids()
    rows = DocidRows(source.index, base.header.count)
    job = {"stage": "augment", "index": state, **source.job(), **asdict(options), **asdict(mixer)}
    dtype = options.dtype or base.header.dtype
    with ExitStack() as stack:
        writer = IndexWriter(output, base.header.dim, job, overwrite, base.header.metric, dtype)
        stack.enter_context(writer)
        carry_texts(source.index, writer.work)
        queries = source.open(rows, options, writer.work)
        counts = queries.counts
        counts.check(options, strict)
        components = None
        if options.keep_components:
            components = ComponentsWriter(writer.open_part("components.npy"), writer.dim, counts.languages)
        if engine is None:
            _write_vectors(base, queries, mixer, writer, components)
        else:
            work = AugmentWork(source, options, mixer, block_shape(base, counts), dtype)
            write_parts(stack.enter_context(work.parts(engine, output, job, overwrite)), writer, components)
        if input_state(source.index) != state:
            raise IndexFormatError(f"{source.index} changed while it was read: run the same command again")
        augmentation = {
            **asdict(mixer),
            "languages": counts.languages,
            "max_queries": options.max_queries,
            **source.recorded_weights(),
            "queries": counts.used,
            "augmented": counts.passages,
            "base": recorded.files,
        }
        writer.finish(IndexMeta(writer.dim, base.header.count, base.header.metric, encoder, augmentation))
    return AugmentReport(base.header.count, counts, mixer.rule, mixer.alpha)


def _write_vectors(
    base: StoredVectors,
    queries: OpenedQueries,
    mixer: QueryMixer,
    writer: IndexWriter,
    components: ComponentsWriter | None,
) -> None:
    """Write the augmented vectors from where an interrupted run stopped."""
    shape = block_shape(base, queries.counts)
    with progress(total=shape.passages, unit="passages", what="augment") as bar:
        bar.update(writer.count)
        sums = queries.sums(shape, shape.starts(writer.count))
        blocks = zip(base.passages(shape.rows, writer.count), sums, strict=True)
        write_blocks(blocks, mixer, writer, components, bar.update)
