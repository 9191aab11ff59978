"""From a YAML file to a checked plan."""

import shlex
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from xqg_pyserini.encode.backends import BACKENDS
from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.evaluate.metrics import parse_metrics
from xqg_pyserini.experiment.plan import (
    ALIGNMENT,
    ANALYSES,
    CLEAN,
    EFFECTS,
    HUBNESS,
    TRANSLATIONS,
    UNASKED,
    AugmentPlan,
    CollectionPlan,
    ComparisonPlan,
    EncoderPlan,
    IndexPlan,
    Plan,
    PlannedQuestion,
    SystemPlan,
    TypoCondition,
    query_metrics,
)
from xqg_pyserini.experiment.plan_checks import check_plan
from xqg_pyserini.experiment.plan_fields import PlanFields, flag, many, one_of, share, text, whole
from xqg_pyserini.index import RULES
from xqg_pyserini.languages import language
from xqg_pyserini.typo import TYPO_PRESETS

_SMOKE = "smoke"


def read_plan(path: Path, smoke: bool = False) -> Plan:
    """Read and check a plan.

    Args:
        path: the YAML file.
        smoke: read its small version: what the key ``smoke`` has are overrides (mappings are merged key by key,
            anything else replaces, null removes), or the name of another plan beside this one.

    Raises:
        InputError: no YAML, an unknown or missing key, a name that is not defined, a value that cannot be; file and key
            are named.
        UnknownNameError: likewise, for names in the project's registries.
    """
    raw = _yaml(path)
    overrides = raw.pop(_SMOKE, None)
    if smoke:
        if isinstance(overrides, str):
            return read_plan(path.parent / overrides)
        if not isinstance(overrides, Mapping):
            message = "smoke: the plan has no small version: keys that override its own, or the name of another plan"
            raise InputError(message, path)
        raw = _merged(raw, overrides)
    plan = _plan(PlanFields(raw, path), raw)
    check_plan(plan, path)
    return plan


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("no such file", path) from None
    except IsADirectoryError:
        raise InputError("is a directory, a plan is a YAML file", path) from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"not YAML: {error}", path) from None
    if not isinstance(value, dict):
        raise InputError(f"a plan has keys with values, got {type(value).__name__}", path)
    return value


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        inside = merged.get(key)
        if isinstance(value, Mapping) and isinstance(inside, Mapping):
            merged[key] = _merged(inside, value)
        elif value is None:
            merged.pop(key, None)
        else:
            merged[key] = value
    return merged


def _plan(fields: PlanFields, raw: Mapping[str, Any]) -> Plan:
    encoders = {name: _encoder(name, part) for name, part in fields.parts("encoders", required=True)}
    metrics = fields.get("metrics", many(_metric), ("mrr@10",))
    collections = {name: _collection(name, part, metrics) for name, part in fields.parts("collections", required=True)}
    indexes = {name: _index(name, part, list(encoders)) for name, part in fields.parts("indexes", required=True)}
    systems = {
        name: _system(name, part, list(encoders), indexes, list(collections))
        for name, part in fields.parts("systems", required=True)
    }
    if not (collections and encoders and indexes and systems):
        raise fields.error("", "collections, encoders, indexes and systems need one entry each at least")
    conditions = (CLEAN, *dict.fromkeys(one for row in fields.rows("typos") for one in _conditions(row)))
    names = list(dict.fromkeys(condition.name for condition in conditions))
    comparison = partial(_comparison, plan=_Names(list(systems), query_metrics(metrics), list(collections), names))
    comparisons = {name: comparison(name, part) for name, part in fields.parts("comparisons")}
    plan = Plan(
        title=fields.get("title", text, fields.path.stem),
        collections=collections,
        encoders=encoders,
        indexes=indexes,
        systems=systems,
        conditions=conditions,
        metrics=metrics,
        comparisons=comparisons,
        planned=tuple(_planned(row, list(comparisons)) for row in fields.rows("planned")),
        baseline=fields.get("baseline", one_of("system", list(systems)), next(iter(systems))),
        hits=fields.get("hits", whole(1), 100),
        level=fields.get("level", share, 0.05),
        backend=fields.get("backend", one_of("backend", BACKENDS.names()), "auto"),
        device=fields.get("device", text, "cpu"),
        raw=raw,
    )
    fields.get("anchors", lambda value: value, None)  # for YAML's own anchors, which other keys repeat
    fields.close()
    return plan


def _collection(name: str, fields: PlanFields, metrics: tuple[str, ...]) -> CollectionPlan:
    topics = fields.get("topics", text)
    corpus = fields.get("corpus", many(text), ())
    collection = CollectionPlan(
        name=name,
        languages=fields.get("languages", many(_language)),
        topics=topics,
        qrels=fields.get("qrels", text, "" if corpus == (TRANSLATIONS,) else topics),
        corpus=corpus or (topics,),
        questions=fields.get("questions", whole(1), None),
        translations=fields.get("translations", text, None),
        lexicon=fields.get("lexicon", many(text), ()),
        metrics=fields.get("metrics", many(one_of("metric of the plan", list(metrics))), ()),
    )
    fields.close()
    return collection


def _metric(value: Any) -> str:
    name = text(value).lower()
    if name != ALIGNMENT and not HUBNESS.fullmatch(name):
        try:
            parse_metrics([name])
        except UnknownNameError as error:
            raise ValueError(f"{error}, {ALIGNMENT}, hubness@10") from None
    return name


def _language(code: Any) -> str:
    # YAML reads the code of Norwegian, no, as false
    code = "no" if code is False else text(code)
    language(code)
    return code


def _encoder(name: str, fields: PlanFields) -> EncoderPlan:
    checkpoint = fields.get("checkpoint", text, name)
    seeds = fields.get("seeds", many(whole(0)), ())
    if bool(seeds) != ("{seed}" in checkpoint):
        raise fields.error("checkpoint", f"seeds and a '{{seed}}' in it belong together, got {checkpoint!r}")
    train = tuple(word for line in fields.get("train", many(text), ()) for word in shlex.split(line))
    fields.close()
    return EncoderPlan(name, checkpoint, seeds, train)


def _index(name: str, fields: PlanFields, encoders: list[str]) -> IndexPlan:
    encoder = fields.get("encoder", one_of("encoder", encoders))
    part = fields.part("augment")
    fields.close()
    return IndexPlan(name, encoder, _augment(part) if part else None)


def _augment(fields: PlanFields) -> AugmentPlan:
    part = fields.part("typos")
    conditions = list(_conditions(part)) if part else [CLEAN]
    if len(conditions) != 1:
        raise fields.error("typos", f"one preset, one number and one seed are needed, got {len(conditions)} of them")
    augment = AugmentPlan(
        queries=fields.get("queries", many(text), (UNASKED,)),
        per_passage=fields.get("per_passage", whole(1), 1),
        typos=conditions[0],
        rule=fields.get("rule", one_of("aggregation rule", RULES.names()), None),
        alpha=fields.get("alpha", share, None),
        languages=fields.get("languages", many(_language), None),
    )
    fields.close()
    return augment


def _system(
    name: str, fields: PlanFields, encoders: list[str], indexes: Mapping[str, IndexPlan], collections: list[str]
) -> SystemPlan:
    index = fields.get("index", one_of("index", list(indexes)))
    query_encoder = fields.get("query_encoder", one_of("encoder", encoders), indexes[index].encoder)
    system = SystemPlan(
        name=name,
        index=index,
        query_encoder=query_encoder,
        collections=fields.get("collections", many(one_of("collection", collections)), tuple(collections)),
        corrections=fields.get("corrections", whole(0), 0),
        arm=fields.get("arm", text, query_encoder),
    )
    fields.close()
    return system


def _conditions(fields: PlanFields) -> Iterator[TypoCondition]:
    preset = fields.get("preset", one_of("typo preset", TYPO_PRESETS.names()), "natural")
    numbers = fields.get("typos", many(whole(1)), (1,))
    seeds = fields.get("seeds", many(whole(0)), (0,))
    any_language = fields.get("any_language", flag, False)
    fields.close()
    for number in numbers:
        yield from (TypoCondition(preset, number, seed, any_language) for seed in seeds)


class _Names(NamedTuple):
    """What a comparison may name."""

    systems: list[str]
    metrics: tuple[str, ...]
    collections: list[str]
    conditions: list[str]


def _comparison(name: str, fields: PlanFields, plan: _Names) -> ComparisonPlan:
    tiers, system, measured = fields.part("tiers"), one_of("system", plan.systems), list(plan.metrics)
    misspelled = tuple(plan.conditions[1:])
    comparison = ComparisonPlan(
        name=name,
        system=fields.get("system", system),
        baseline=fields.get("baseline", system),
        metric=fields.get("metric", one_of("metric of the plan", measured), measured[0]),
        collections=fields.get("collections", many(one_of("collection", plan.collections)), tuple(plan.collections)),
        conditions=fields.get(
            "conditions", many(one_of("condition", plan.conditions)), misspelled or tuple(plan.conditions)
        ),
        effect=fields.get("effect", one_of("effect", list(EFFECTS)), EFFECTS[0 if misspelled else 1]),
        analyses=fields.get("analyses", many(one_of("analysis", list(ANALYSES))), ANALYSES[:1]),
        tiers=_tiers(tiers) if tiers else {},
    )
    fields.close()
    return comparison


def _tiers(fields: PlanFields) -> dict[str, str]:
    """``{low: [codes], high: [codes]}`` turned round."""
    tiers = {}
    for tier in ("low", "high"):
        for code in fields.get(tier, many(_language), ()):
            tiers[language(code).code] = tier
    fields.close()
    return tiers


def _planned(fields: PlanFields, comparisons: list[str]) -> PlannedQuestion:
    question = PlannedQuestion(
        question=fields.get("question", text),
        comparisons=fields.get("comparisons", many(one_of("comparison", comparisons))),
        expected=fields.get("expected", text, ""),
    )
    fields.close()
    return question
