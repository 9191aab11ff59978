"""What a plan may not ask for, although each of its keys may stand there."""

from pathlib import Path

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.analysis.tier_difference import check_enough
from xqg_pyserini.evaluate.metrics import parse_metrics
from xqg_pyserini.experiment.plan import (
    ALIGNMENT,
    ALIGNMENT_METRICS,
    EFFECTS,
    HUBNESS,
    PASSAGES,
    TRANSLATIONS,
    UNASKED,
    CollectionPlan,
    ComparisonPlan,
    Plan,
)
from xqg_pyserini.languages import language, tier


def check_plan(plan: Plan, path: Path) -> None:
    """Raise InputError, with file and key, for the first part of a plan that cannot be carried out."""
    problems = [
        *_collection_problems(plan),
        *_encoder_problems(plan),
        *_metric_problems(plan),
        *_comparison_problems(plan),
    ]
    for place, message in problems:
        raise InputError(f"{place}: {message}", path)


def retrieval_metrics(metrics: tuple[str, ...]) -> list[str]:
    """The metrics that score runs query by query: all but ``alignment`` and ``hubness@k``."""
    return [metric for metric in metrics if metric != ALIGNMENT and not HUBNESS.fullmatch(metric)]


Problems = list[tuple[str, str]]


def _collection_problems(plan: Plan) -> Problems:
    found: Problems = []
    for name, collection in plan.collections.items():
        place = f"collections.{name}"
        codes = [language(code).code for code in collection.languages]
        if repeated := next((code for number, code in enumerate(codes) if code in codes[:number]), ""):
            found.append((f"{place}.languages", f"two of the codes are the language {repeated!r}"))
        if len(codes) > 1 and "{language}" not in collection.topics:
            found.append((f"{place}.topics", f"{len(codes)} languages need '{{language}}' in the name of their topics"))
        if collection.corpus == (TRANSLATIONS,):
            if collection.translations in (None, PASSAGES):
                found.append((f"{place}.translations", "must name the English questions that are to be the passages"))
            if collection.qrels:
                found.append((f"{place}.qrels", "each question is relevant to its own translation: leave qrels out"))
    return found


def _encoder_problems(plan: Plan) -> Problems:
    found: Problems = []
    for name in plan.collections:
        if plan.baseline not in plan.systems_of(name):
            found.append(("baseline", f"{plan.baseline!r} does not search {name!r}, and others are compared with it"))
    for name, system in plan.systems.items():
        seeds = [plan.encoders[one].seeds for one in (plan.indexes[system.index].encoder, system.query_encoder)]
        if all(seeds) and seeds[0] != seeds[1]:
            found.append((f"systems.{name}", f"index and query encoder have other training seeds: {seeds}"))
        augment = plan.indexes[system.index].augment
        for collection in plan.collections_of(system) if augment and UNASKED in augment.queries else ():
            if collection.questions is None:
                message = f"every question of {collection.name!r} is asked: give it a number of 'questions'"
                found.append((f"indexes.{system.index}.augment.queries", message))
    return found


def _metric_problems(plan: Plan) -> Problems:
    for metric in retrieval_metrics(plan.metrics):
        if parse_metrics([metric])[0].family.macro:
            return [("metrics", f"{metric} is a mean over languages by definition, and plans compare languages")]
    return [
        (f"collections.{name}.metrics", problem)
        for name, collection in plan.collections.items()
        for metric in plan.metrics_of(collection)
        if (problem := _cannot_have(collection, metric))
    ]


def _cannot_have(collection: CollectionPlan, metric: str) -> str:
    """Why a metric cannot be measured on a collection; empty where it can."""
    if metric == ALIGNMENT and collection.translations is None:
        return (
            f"{metric!r} compares questions with their English translations, and none are named: give 'translations', "
            f"or 'metrics' without it"
        )
    scored = retrieval_metrics((metric,))
    if scored and collection.corpus == (TRANSLATIONS,) and parse_metrics(scored)[0].family.needs == "answers":
        return f"{metric!r} looks for answers in passages, and the passages here are questions"
    return ""


def _comparison_problems(plan: Plan) -> Problems:
    found: Problems = []
    for name, comparison in plan.comparisons.items():
        place = f"comparisons.{name}"
        whole = ALIGNMENT if comparison.metric in ALIGNMENT_METRICS else comparison.metric
        for collection in (plan.collections[one] for one in comparison.collections):
            for system in (comparison.system, comparison.baseline):
                if system not in plan.systems_of(collection.name):
                    found.append((f"{place}.collections", f"{system!r} does not search {collection.name!r}"))
            if whole not in plan.metrics_of(collection):
                found.append((f"{place}.collections", f"{whole!r} is not measured on {collection.name!r}"))
        if comparison.effect == EFFECTS[0] and comparison.conditions == ("clean",):
            found.append((f"{place}.conditions", "robustness is about misspelled queries: name a condition with typos"))
        try:
            check_enough(*_tier_sizes(plan, comparison), plan.level)
        except InputError as error:
            found.append((f"{place}.collections", f"{error}; name more languages, or a 'level' that can be reached"))
    return found


def _tier_sizes(plan: Plan, comparison: ComparisonPlan) -> tuple[int, int]:
    """How many low- and high-resource languages a comparison has."""
    codes = {language(code).code for name in comparison.collections for code in plan.collections[name].languages}
    tiers = [comparison.tiers.get(code) or tier(code) for code in codes]
    return tiers.count("low"), tiers.count("high")
