"""A linear mixed model of all cells: languages and collections are random, tier, typos and arm fixed.

    score ~ tier * typos * arm + random effects

``arm`` is 1 for the arm and 0 for its control, ``typos`` the edits in a query, and tiers are compared with high. So
``low:arm`` is how much more low-resource languages gain on clean queries, and ``low:typos:arm`` how much more they gain
with every further typo. Random effects are crossed, as variance components of one group (statsmodels' MixedLM, REML).

With intercepts only, a language whose gain is its own counts as many independent observations, and p is too small:
without any effect of tier, but with gains that differed by language, ``low:arm`` came out with p < 0.05 in 22% of 60
simulated experiments, with slopes in 5% (20 languages, 3 collections). Hence slopes by language are the default (Barr
et al., "Random Effects Structure for Confirmatory Hypothesis Testing: Keep It Maximal", JML 2013). P-values are Wald's,
from the normal distribution: too small with few languages.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.analysis.cells import Cell, select_cells
from xqg_pyserini.evaluate.analysis.gains import Contrast, cells_of_contrast, seed_means
from xqg_pyserini.evaluate.intervals import LEVEL, Interval
from xqg_pyserini.languages import language
from xqg_pyserini.registry import unknown_name

if TYPE_CHECKING:
    import pandas as pd

RandomEffect = Literal["language", "collection", "language:arm", "language:typos", "language:typos:arm"]

Status = Literal["fitted", "singular", "not converged"]

#: Intercepts of languages and collections only.
INTERCEPTS: tuple[RandomEffect, ...] = ("language", "collection")
#: With what languages may gain and lose by themselves.
MAXIMAL: tuple[RandomEffect, ...] = get_args(RandomEffect)
#: A variance below this share of the residual variance is on the boundary of what it can be, 0.
_BOUNDARY = 1e-3


@dataclass(frozen=True)
class Term:
    """A fixed effect.

    Args:
        name: such as ``low:typos:arm``.
        estimate: with its Wald interval.
        error: standard error.
        p_value: two-sided, Wald.
    """

    name: str
    estimate: Interval
    error: float
    p_value: float


@dataclass(frozen=True)
class MixedModel:
    """A fitted model, or what became of the fit.

    Args:
        status: ``fitted``; ``singular``, where a variance is estimated at 0 or the estimates have no errors; or
            ``not converged``.
        terms: the fixed effects; empty unless fitted.
        variances: random effect -> variance, and ``residual``; where it is not fitted, what the optimiser ended
            with, or nothing where a matrix could not be inverted.
        observations: cells, training seeds averaged.
        levels: ``language`` and ``collection`` -> how many there are.
        left_out: random effects that were left out by ``reduce``.
    """

    status: Status
    terms: tuple[Term, ...]
    variances: Mapping[str, float]
    observations: int
    levels: Mapping[str, int]
    left_out: tuple[RandomEffect, ...] = ()

    @property
    def boundary(self) -> tuple[str, ...]:
        """The random effects whose variance is estimated at 0."""
        residual = self.variances.get("residual", 0.0)
        return tuple(name for name, value in self.variances.items() if value < _BOUNDARY * residual)

    def term(self, name: str) -> Term:
        """A fixed effect by its name.

        Raises:
            InputError: there is no fit.
            UnknownNameError: no such term.
        """
        if self.status != "fitted":
            raise InputError(f"the mixed model is {self.status}: it has no estimates")
        found = {term.name: term for term in self.terms}
        if name not in found:
            raise unknown_name("term", name, list(found))
        return found[name]


def mixed_model(
    cells: Iterable[Cell],
    contrast: Contrast,
    *,
    random: Sequence[RandomEffect] = MAXIMAL,
    reduce: bool = False,
    level: float = LEVEL,
) -> MixedModel:
    """Fit the model to the cells of a metric, of an arm and its control, clean and misspelled, in all collections.

    Args:
        cells: of any collections and languages; languages of the tier ``mid`` have terms of their own.
        contrast: ``conditions`` beside clean queries, empty for all; effect, scale and unit are not looked at.
        random: random effects; one of a factor with a single level is skipped.
        reduce: whether, as long as there is no fit, the random effect with the smallest variance is left out, but
            not ``language`` (Bates et al., "Parsimonious Mixed Models", arXiv 1506.04967, 2015).
        level: of the intervals.

    Raises:
        InputError: too few tiers, languages or numbers of typos for the terms.
        UnknownNameError: no such arm, metric, condition or random effect.
    """
    if unknown := [name for name in random if name not in MAXIMAL]:
        raise unknown_name("random effect", unknown[0], list(MAXIMAL))
    table = _table(list(cells), contrast)
    levels: dict[str, int] = {name: table[name].nunique() for name in INTERCEPTS}
    tiers = [tier for tier in ("low", "mid") if table[tier].any()]
    effects = [name for name in random if levels[name.partition(":")[0]] > 1]
    _check(table, tiers, levels["language"], effects)
    left_out: list[RandomEffect] = []
    while True:
        status, terms, variances = _outcome(table, tiers, effects, level)
        optional = [name for name in reversed(effects) if name != "language"]
        if status == "fitted" or not reduce or not optional:
            return MixedModel(status, terms, variances, len(table), levels, tuple(left_out))
        left_out.append(min(optional, key=lambda name: variances.get(name, 0.0)))
        effects.remove(left_out[-1])


def _outcome(
    table: "pd.DataFrame", tiers: Sequence[str], effects: Sequence[str], level: float
) -> tuple[Status, tuple[Term, ...], dict[str, float]]:
    """What becomes of one fit: its status, terms and variances."""
    try:
        result = _fit(table, tiers, effects)
    except np.linalg.LinAlgError:
        return "singular", (), {}
    variances = dict(zip(result.model.exog_vc.names, result.vcomp.tolist(), strict=True))
    variances["residual"] = float(result.scale)
    status = _status(result, variances)
    return status, _terms(result, level) if status == "fitted" else (), variances


def _table(cells: Sequence[Cell], contrast: Contrast) -> "pd.DataFrame":
    """A row for each cell, training seeds averaged: ``value``, what it is explained by, and its levels."""
    import pandas as pd

    chosen = cells_of_contrast(cells, contrast)
    if contrast.conditions:
        clean = {cell.condition for cell in chosen if not cell.typos}
        chosen = select_cells(chosen, {"condition": [*clean, *contrast.conditions]})
    typos = {cell.condition: cell.typos for cell in chosen}
    rows = [
        {
            "value": score.value,
            "low": int(score.tier == "low"),
            "mid": int(score.tier == "mid"),
            "typos": typos[condition],
            "arm": arm,
            "language": language(code).code,
            "collection": collection,
        }
        for arm, name in enumerate((contrast.control, contrast.arm))
        for (collection, code, condition), score in seed_means(chosen, contrast, name).items()
    ]
    return pd.DataFrame(rows)


def _check(table: "pd.DataFrame", tiers: Sequence[str], languages: int, effects: Sequence[str]) -> None:
    if not effects:
        raise InputError("the mixed model needs a random effect of a factor with two levels or more")
    if not tiers or table[list(tiers)].any(axis=1).all():
        raise InputError("the mixed model compares tiers with high: cells of high and of another tier are needed")
    if table["typos"].nunique() < 2:
        raise InputError("the mixed model needs two numbers of typos (clean queries are 0)")
    if languages < 2 * (len(tiers) + 1):
        raise InputError(f"the mixed model needs two languages of each tier, got {languages} languages in all")


def _fit(table: "pd.DataFrame", tiers: Sequence[str], effects: Sequence[str]) -> Any:
    from statsmodels.regression.mixed_linear_model import MixedLM

    model = MixedLM.from_formula(
        f"value ~ ({' + '.join(tiers)}) * typos * arm",
        table,
        groups=np.ones(len(table)),
        # crossed effects are variance components of a single group
        vc_formula={effect: _component(effect) for effect in effects},
    )
    with warnings.catch_warnings():
        # what they say is in the status, which looks at variances against the residual's, not at 0.01
        warnings.simplefilter("ignore")
        return model.fit(reml=True)


def _component(effect: str) -> str:
    """``language:typos:arm`` as the formula of a random slope."""
    factor, *slope = effect.split(":")
    return ":".join([f"0 + C({factor})", *slope])


def _status(result: Any, variances: Mapping[str, float]) -> Status:
    if not result.converged:
        return "not converged"
    on_boundary = min(variances.values()) <= _BOUNDARY * variances["residual"]
    return "singular" if on_boundary or not np.isfinite(result.bse_fe).all() else "fitted"


def _terms(result: Any, level: float) -> tuple[Term, ...]:
    names = result.model.exog_names
    intervals = result.conf_int(alpha=1 - level)
    return tuple(
        Term(
            "intercept" if name == "Intercept" else name,
            Interval(float(result.fe_params[name]), *map(float, intervals.loc[name])),
            float(result.bse_fe[name]),
            float(result.pvalues[name]),
        )
        for name in names
    )
