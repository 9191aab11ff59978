"""What an experiment consists of, as a plan says it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

#: ``translations`` of a collection whose relevant passages are the translations of the queries.
PASSAGES = "passages"
#: ``corpus`` of a collection that has only parallel questions: the English ones are the passages.
TRANSLATIONS = "translations"
#: ``queries`` of an augmentation: the questions that the sample left out.
UNASKED = "unasked"
#: A metric of queries with a translation, and what it is made of: see ``xqg_pyserini.evaluate.Alignment``.
ALIGNMENT = "alignment"
ALIGNMENT_METRICS = ("translation-cosine", "translation-rr")
#: A metric of the runs of a language, not of a query: see ``xqg_pyserini.evaluate.Hubness``.
HUBNESS = re.compile(r"hubness@([1-9]\d*)")
#: What a comparison is of: how much less typos cost, or how much higher the score is.
EFFECTS = ("robustness", "score")
#: Analyses of a comparison; see ``contrasts``.
ANALYSES = ("tiers", "severity", "headroom", "mixed-model", "explain", "sensitivity")


def query_metrics(metrics: Iterable[str]) -> tuple[str, ...]:
    """Of a plan's metrics those that have a value for each query: what comparisons may be made on."""
    named = (ALIGNMENT_METRICS if metric == ALIGNMENT else (metric,) for metric in metrics)
    return tuple(one for names in named for one in names if not HUBNESS.fullmatch(one))


@dataclass(frozen=True)
class CollectionPlan:
    """Passages, and questions in several languages.

    Args:
        languages: codes, as the sources write them.
        topics: source of the questions; ``{language}`` in it becomes each language.
        qrels: source of the judgements, likewise.
        corpus: sources of the passages; ``translations`` takes the English questions.
        questions: questions kept of each language, the first by the SHA-256 of their id; None keeps all.
        translations: source of the same questions in English, with the same ids; or ``passages``.
        lexicon: sources of texts whose words spelling correction knows.
        metrics: what is measured here; empty for all metrics of the plan.
    """

    name: str
    languages: tuple[str, ...]
    topics: str
    qrels: str
    corpus: tuple[str, ...]
    questions: int | None = None
    translations: str | None = None
    lexicon: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True)
class EncoderPlan:
    """An encoder, or one for each training seed; ``{seed}`` in ``checkpoint`` becomes the seed.

    ``train`` are the arguments of ``xqg train`` that make a missing directory, without ``--output``.
    """

    name: str
    checkpoint: str
    seeds: tuple[int, ...] = ()
    train: tuple[str, ...] = ()

    def of_seed(self, seed: int | None) -> str:
        """Name or directory of the encoder of one seed."""
        return self.checkpoint.replace("{seed}", str(seed))


@dataclass(frozen=True)
class TypoCondition:
    """Queries with ``typos`` edits of a preset by one seed; 0 typos are the clean queries.

    ``any_language``: see ``xqg_pyserini.typo.TypoSettings``.
    """

    preset: str = ""
    typos: int = 0
    seed: int = 0
    any_language: bool = False

    @property
    def name(self) -> str:
        """Without the seed: ``clean``, ``natural-1``."""
        return f"{self.preset}-{self.typos}" if self.typos else "clean"

    @property
    def file_name(self) -> str:
        """With the seed: ``clean``, ``natural-1-s11``."""
        return f"{self.name}-s{self.seed}" if self.typos else "clean"


CLEAN = TypoCondition()


@dataclass(frozen=True)
class AugmentPlan:
    """Generated queries of an index.

    Args:
        queries: sources of generated queries, or ``unasked``.
        per_passage: questions of each passage and language that ``unasked`` takes.
        typos: how the generated queries are misspelled.
        rule: see ``xqg_pyserini.index.AugmentOptions``, like ``alpha`` and ``languages``.
    """

    queries: tuple[str, ...]
    per_passage: int = 1
    typos: TypoCondition = CLEAN
    rule: str | None = None
    alpha: float | None = None
    languages: tuple[str, ...] | None = None


@dataclass(frozen=True)
class IndexPlan:
    """The passages of a collection, encoded by an encoder and augmented or not."""

    name: str
    encoder: str
    augment: AugmentPlan | None = None


@dataclass(frozen=True)
class SystemPlan:
    """What is compared: an index, what encodes the queries, and how they are corrected.

    Args:
        index: name of an index.
        query_encoder: name of an encoder.
        collections: where it searches.
        corrections: see ``xqg_pyserini.rewrite.CorrectedQueryEncoder``; 0 leaves queries as they are.
        arm: what is shared by systems that differ in index or correction only.
    """

    name: str
    index: str
    query_encoder: str
    collections: tuple[str, ...]
    corrections: int = 0
    arm: str = ""


@dataclass(frozen=True)
class ComparisonPlan:
    """A system against another, language by language.

    Args:
        metric: a metric of the plan, or one of those that ``alignment`` is made of.
        collections: where; languages of several collections are pooled.
        conditions: names such as ``natural-1``; ``clean`` alone compares clean queries.
        effect: one of ``EFFECTS``.
        analyses: some of ``ANALYSES``.
        tiers: language -> low or high, where it is not what ``xqg_pyserini.languages`` says.
    """

    name: str
    system: str
    baseline: str
    metric: str
    collections: tuple[str, ...]
    conditions: tuple[str, ...]
    effect: str = EFFECTS[0]
    analyses: tuple[str, ...] = ()
    tiers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedQuestion:
    """A question asked before looking, the comparisons that answer it, and what was expected."""

    question: str
    comparisons: tuple[str, ...]
    expected: str = ""


@dataclass(frozen=True)
class Plan:
    """A whole plan; see docs/experiment.md.

    ``hits`` passages are kept of each query; ``level`` is the level of significance.
    """

    title: str
    collections: Mapping[str, CollectionPlan]
    encoders: Mapping[str, EncoderPlan]
    indexes: Mapping[str, IndexPlan]
    systems: Mapping[str, SystemPlan]
    conditions: tuple[TypoCondition, ...]
    metrics: tuple[str, ...]
    comparisons: Mapping[str, ComparisonPlan] = field(default_factory=dict)
    planned: tuple[PlannedQuestion, ...] = ()
    baseline: str = ""
    hits: int = 100
    level: float = 0.05
    backend: str = "auto"
    device: str = "cpu"
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def condition_names(self) -> tuple[str, ...]:
        """The conditions without their seeds, clean first."""
        return tuple(dict.fromkeys(condition.name for condition in self.conditions))

    def metrics_of(self, collection: CollectionPlan) -> tuple[str, ...]:
        """What is measured on a collection."""
        return collection.metrics or self.metrics

    def collections_of(self, system: SystemPlan) -> list[CollectionPlan]:
        """Where a system searches."""
        return [self.collections[name] for name in system.collections]

    def systems_of(self, collection: str) -> list[str]:
        """Names of the systems that search a collection."""
        return [name for name, system in self.systems.items() if collection in system.collections]

    def seeds_of(self, system: SystemPlan) -> tuple[int | None, ...]:
        """Training seeds of a system: those of its index's encoder and of its query encoder; (None,) without any."""
        names = (self.indexes[system.index].encoder, system.query_encoder)
        seeds = dict.fromkeys(seed for name in names for seed in self.encoders[name].seeds)
        return tuple(seeds) or (None,)

    def trained_systems(self) -> list[tuple[SystemPlan, int | None]]:
        """Every system with every training seed it has."""
        return [(system, seed) for system in self.systems.values() for seed in self.seeds_of(system)]

    def cells(self) -> list[tuple[SystemPlan, int | None, CollectionPlan, TypoCondition]]:
        """Every run of the experiment."""
        return [
            (system, seed, collection, condition)
            for system, seed in self.trained_systems()
            for collection, condition in product(self.collections_of(system), self.conditions)
        ]
