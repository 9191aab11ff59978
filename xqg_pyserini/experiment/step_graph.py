"""From a plan to its steps: what is to be done, and which results each step reads."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from xqg_pyserini.experiment.plan import (
    ALIGNMENT,
    UNASKED,
    CollectionPlan,
    EncoderPlan,
    IndexPlan,
    Plan,
    SystemPlan,
    TypoCondition,
)
from xqg_pyserini.experiment.step_cache import Step
from xqg_pyserini.files import sha256_of
from xqg_pyserini.languages import language

#: Steps whose results lie outside the cache: they are looked at whenever a plan is run.
OUTSIDE = frozenset({"train", "encoder"})


class StepGraph:
    """The steps of a plan by their ids, each after those whose results it reads.

    Args:
        plan: a checked plan.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.steps: dict[str, Step] = {}
        self._contents: dict[str, str] = {}
        #: (system, seed, collection, condition, kind) -> id of the step that scores it; ``kind`` is evaluate or align.
        self.scores: dict[tuple[str, int | None, str, TypoCondition, str], str] = {}
        for system, seed, collection, condition in plan.cells():
            self._cell(system, seed, collection, condition)
        for system, seed in plan.trained_systems():
            for collection in plan.collections_of(system):
                self._encode_queries(system, seed, collection)

    def ancestors(self, kind: str) -> set[str]:
        """Ids of the steps of a kind, and of all that they need."""
        wanted: set[str] = set()
        left = [name for name, step in self.steps.items() if step.kind == kind]
        while left:
            name = left.pop()
            if name not in wanted:
                wanted.add(name)
                left += self.steps[name].inputs.values()
        return wanted

    def kinds(self) -> list[str]:
        """The kinds of steps, in the order in which they are done."""
        order = ("train", "encoder", "collect", "misspell", "severity", "encode-passages", "generate", "augment",
                 "correct", "encode-queries", "search", "evaluate", "align")  # fmt: skip
        there = {step.kind for step in self.steps.values()}
        return [kind for kind in order if kind in there]

    def misspelled(self, collection: CollectionPlan, condition: TypoCondition) -> str:
        """The step that misspells the queries of a collection; that of the clean queries copies them."""
        options = asdict(condition)
        inputs = {"collection": self._collect(collection)}
        return self._add("misspell", f"{collection.name}.{condition.file_name}", options, inputs)

    def severity(self, collection: CollectionPlan, condition: TypoCondition) -> str:
        """The step that measures what was misspelled, in the subwords of the baseline's encoder."""
        system = self.plan.systems[self.plan.baseline]
        encoder = self.plan.encoders[system.query_encoder]
        seed = encoder.seeds[0] if encoder.seeds else None
        queries = self.misspelled(collection, condition)
        return self._with_encoder(
            "severity", f"{collection.name}.{condition.file_name}", collection, {}, {"queries": queries}, encoder, seed
        )

    def _add(
        self, kind: str, name: str, options: Mapping[str, Any], inputs: Mapping[str, str],
        places: Mapping[str, Any] | None = None,
    ) -> str:  # fmt: skip
        step = Step(kind, name, options, inputs, places or {})
        self.steps.setdefault(step.id, step)
        return step.id

    def _with_encoder(
        self, kind: str, name: str, collection: CollectionPlan, options: Mapping[str, Any], inputs: Mapping[str, str],
        encoder: EncoderPlan, seed: int | None,
    ) -> str:  # fmt: skip
        places = {"checkpoint": encoder.of_seed(seed), "collection": collection.name}
        return self._add(kind, name, options, {**inputs, "encoder": self._encoder(encoder, seed)}, places)

    def _content(self, source: str) -> str:
        """SHA-256 of a file or of a folder's files; empty for a data set, whose files are checked when it is read."""
        path = Path(source)
        if source not in self._contents:
            files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
            self._contents[source] = " ".join(map(sha256_of, files)) if path.exists() else ""
        return self._contents[source]

    def _encoder(self, encoder: EncoderPlan, seed: int | None) -> str:
        name, checkpoint = _seeded(encoder.name, seed if encoder.seeds else None), encoder.of_seed(seed)
        inputs = {}
        if encoder.train:
            arguments = [argument.replace("{seed}", str(seed)) for argument in encoder.train]
            places = {"checkpoint": checkpoint, "arguments": arguments}
            bases = {
                f"base {other.name}": self._encoder(other, seed)
                for other in self.plan.encoders.values()
                if other.train and other.name != encoder.name and other.of_seed(seed) in arguments
            }
            inputs["trained"] = self._add("train", name, {}, bases, places)
        return self._add("encoder", name, {}, inputs, {"checkpoint": checkpoint})

    def _collect(self, collection: CollectionPlan) -> str:
        if (known := f"collect/{collection.name}") in self.steps:
            return known
        facts = asdict(collection) | {"metrics": ()}
        sources = {source: self._content(source) for source in sorted(_sources(collection)) if Path(source).exists()}
        options = {key: value for key, value in facts.items() if key not in ("name", "metrics")}
        return self._add("collect", collection.name, options | {"files": sources}, {}, {"plan": facts})

    def _generate(self, index: IndexPlan, collection: CollectionPlan) -> str:
        augment = index.augment
        assert augment is not None
        queries = [source.format(collection=collection.name) for source in augment.queries]
        codes = augment.languages
        options = {
            "queries": [source if source == UNASKED else self._content(source) or source for source in queries],
            "per_passage": augment.per_passage,
            "languages": None if codes is None else [language(code).code for code in codes],
            "typos": asdict(augment.typos),
        }
        inputs = {"collection": self._collect(collection)}
        return self._add("generate", f"{index.name}@{collection.name}", options, inputs, {"queries": queries})

    def _index(self, index: IndexPlan, seed: int | None, collection: CollectionPlan) -> str:
        encoder = self.plan.encoders[index.encoder]
        own = seed if encoder.seeds else None
        inputs = {"collection": self._collect(collection)}
        name = f"{_seeded(encoder.name, own)}@{collection.name}"
        base = self._with_encoder("encode-passages", name, collection, {}, inputs, encoder, own)
        if not index.augment:
            return base
        inputs = {"index": base, "generated": self._generate(index, collection)}
        options = {"rule": index.augment.rule, "alpha": index.augment.alpha}
        name = f"{_seeded(index.name, own)}@{collection.name}"
        return self._with_encoder("augment", name, collection, options, inputs, encoder, own)

    def _corrected(self, system: SystemPlan, collection: CollectionPlan, condition: TypoCondition) -> str:
        """The corrected queries; on an augmented index with the words of its generated queries."""
        inputs = {"collection": self._collect(collection), "queries": self.misspelled(collection, condition)}
        index, words = self.plan.indexes[system.index], "lexicon"
        if index.augment:
            inputs["generated"], words = self._generate(index, collection), index.name
        name = f"{collection.name}.{condition.file_name}.{words}-{system.corrections}"
        return self._add("correct", name, {"corrections": system.corrections}, inputs)

    def _encode_queries(self, system: SystemPlan, seed: int | None, collection: CollectionPlan) -> str:
        """All texts that the searches of an encoder ask for on a collection, at once."""
        encoder = self.plan.encoders[system.query_encoder]
        own = seed if encoder.seeds else None
        name = f"{_seeded(encoder.name, own)}@{collection.name}"
        if (known := f"encode-queries/{name}") in self.steps:
            return known
        inputs = {"collection": self._collect(collection)}
        for condition in self.plan.conditions:
            inputs[f"queries {condition.file_name}"] = self.misspelled(collection, condition)
            for other in map(self.plan.systems.__getitem__, self.plan.systems_of(collection.name)):
                if other.query_encoder == encoder.name and other.corrections:
                    corrected = self._corrected(other, collection, condition)
                    inputs[f"corrected {self.steps[corrected].name}"] = corrected
        return self._with_encoder("encode-queries", name, collection, {}, inputs, encoder, own)

    def _cell(self, system: SystemPlan, seed: int | None, collection: CollectionPlan, condition: TypoCondition) -> None:
        encoder = self.plan.encoders[system.query_encoder]
        own = seed if encoder.seeds else None
        inputs = {"queries": self.misspelled(collection, condition)}
        inputs["vectors"] = self._encode_queries(system, seed, collection)
        if system.corrections:
            inputs["corrected"] = self._corrected(system, collection, condition)
        collected = {"collection": self._collect(collection)}
        name = f"{_seeded(system.name, seed)}@{collection.name}.{condition.file_name}"
        searched = inputs | {"index": self._index(self.plan.indexes[system.index], seed, collection)}
        run = self._with_encoder("search", name, collection, {"hits": self.plan.hits}, searched, encoder, own)
        metrics = self.plan.metrics_of(collection)
        measured = {"metrics": [metric for metric in metrics if metric != ALIGNMENT]}
        key = (system.name, seed, collection.name, condition)
        self.scores[*key, "evaluate"] = self._add("evaluate", name, measured, {"run": run, **collected})
        if ALIGNMENT in metrics:
            lexicon = f".{system.index}-{system.corrections}" if system.corrections else ""
            name = f"{_seeded(encoder.name, own)}@{collection.name}.{condition.file_name}{lexicon}"
            self.scores[*key, "align"] = self._with_encoder(
                "align", name, collection, {}, inputs | collected, encoder, own
            )
        if condition.typos:
            self.severity(collection, condition)


def _seeded(name: str, seed: int | None) -> str:
    return name if seed is None else f"{name}-{seed}"


def _sources(collection: CollectionPlan) -> Iterator[str]:
    named = (
        collection.topics,
        collection.qrels,
        *collection.corpus,
        collection.translations or "",
        *collection.lexicon,
    )
    for source in filter(None, named):
        yield from (source.format(language=code) for code in collection.languages)
