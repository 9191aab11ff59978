"""The tables of the analyses of gains: tiers, headroom, mixed model, factors, sensitivity, planned tests."""

from collections.abc import Sequence
from dataclasses import replace
from math import isnan

from xqg_pyserini.evaluate.analysis.gain_factors import Factor
from xqg_pyserini.evaluate.analysis.gains import Contrast
from xqg_pyserini.evaluate.analysis.headroom import Headroom
from xqg_pyserini.evaluate.analysis.mixed_model import MixedModel
from xqg_pyserini.evaluate.analysis.planned_tests import CorrectedTest
from xqg_pyserini.evaluate.analysis.sensitivity import Repetition, Sensitivity
from xqg_pyserini.evaluate.analysis.tier_difference import TierDifference
from xqg_pyserini.evaluate.report.tables import (
    DIFFERENCE_COLUMNS,
    Row,
    Table,
    difference_caption,
    difference_texts,
    interval_text,
    p_text,
    text_row,
)

_SCALES = {"difference": "points", "error-reduction": "per cent of the error", "logit": "logits"}
_UNITS = {None: "", "edits": " per edit", "characters": " per 1% of characters", "tokens": " per 1% of tokens"}


def unit_name(contrast: Contrast) -> str:
    """What a printed gain is in, such as ``points per edit``; a point is .01 of a score."""
    return f"{_SCALES[contrast.scale]}{_UNITS[contrast.per]}"


def unit_factor(contrast: Contrast) -> float:
    """What a gain is multiplied by to be printed in ``unit_name``."""
    return (1 if contrast.scale == "logit" else 100) * (0.01 if contrast.per in ("characters", "tokens") else 1)


def contrast_name(contrast: Contrast) -> str:
    """What is compared, in a line."""
    conditions = ", ".join(contrast.conditions) or "all typos"
    return f"{contrast.effect}, {contrast.arm} over {contrast.control}, {contrast.metric}, {conditions}"


def tier_table(contrast: Contrast, found: Sequence[tuple[Contrast, TierDifference]]) -> Table:
    """Low- against high-resource languages, in one unit a row."""
    return Table(
        f"Gain of low- and high-resource languages: {contrast_name(contrast)}",
        ("unit", *DIFFERENCE_COLUMNS),
        tuple(text_row(unit_name(how), *difference_texts(row, unit_factor(how))) for how, row in found),
        difference_caption(row for _, row in found),
    )


def headroom_table(contrast: Contrast, found: Headroom) -> Table:
    """The difference on each scale and among matched languages, and whether it survives."""
    matched, units = found.matched, {scale: replace(contrast, scale=scale) for scale in found.scales}
    rows = [
        text_row(
            unit_name(units[scale]),
            f"{row.difference.estimate * unit_factor(units[scale]):.2f}",
            interval_text(row.difference, unit_factor(units[scale])),
            p_text(row.p_value),
            str(found.survival[scale]) if scale in found.survival else "",
        )
        for scale, row in found.scales.items()
    ]
    factor = unit_factor(units["difference"])
    rows.append(
        text_row(
            f"{len(matched.pairs)} matched pairs, {unit_name(units['difference'])}",
            "–" if isnan(matched.difference.estimate) else f"{matched.difference.estimate * factor:.2f}",
            interval_text(matched.difference, factor),
            p_text(matched.p_value),
            str(found.survival["matched"]),
        )
    )
    pairs = ", ".join(f"{pair.low}-{pair.high}" for pair in matched.pairs) or "none"
    return Table(
        "Headroom: low - high on other scales, and between languages with similar scores of the control",
        ("scale", "low - high", "95% interval", "p", f"conclusion (p < {found.alpha:g})"),
        tuple(rows),
        f"Matched within {100 * matched.caliper:g} points: {pairs}; {len(matched.unmatched)} languages unmatched; p "
        f"from flipping the signs of pairs, at least {matched.smallest_p:.2g}.",
    )


def mixed_model_table(found: MixedModel) -> Table:
    """The fixed effects in points, or what became of the fit."""
    rows = [
        text_row(
            term.name,
            f"{100 * term.estimate.estimate:.2f}",
            f"{100 * term.error:.2f}",
            interval_text(term.estimate, 100),
            p_text(term.p_value),
        )
        for term in found.terms
    ]
    levels = ", ".join(f"{number} {name}{'s' if number > 1 else ''}" for name, number in found.levels.items())
    random = ", ".join(name for name in found.variances if name != "residual") or "none"
    caption = f"{found.observations} cells, {levels}; random effects: {random}."
    if found.left_out:
        caption += f" Left out for a fit: {', '.join(found.left_out)}."
    if found.status != "fitted":
        caption = f"No result: the fit is {found.status}. {caption}"
        caption += f" Variances at 0: {', '.join(found.boundary)}." if found.boundary else ""
    return Table(
        "Mixed model of all cells (points): low:arm is on clean queries, low:typos:arm with every typo more",
        ("term", "estimate", "error", "95% interval", "p"),
        tuple(rows),
        caption,
    )


def factor_table(found: Sequence[Factor]) -> Table:
    """Rank correlations of gains with what is known of the languages."""
    rows = [
        text_row(
            row.name,
            f"{row.spearman.estimate:.2f}",
            interval_text(row.spearman, 1),
            f"{row.partial.estimate:.2f}",
            interval_text(row.partial, 1),
            p_text(row.p_value),
        )
        for row in found
    ]
    return Table(
        "What goes with the gain of a language: rank correlations",
        ("factor", "Spearman", "95% interval", "partial", "95% interval", "p"),
        tuple(rows),
        f"Over {found[0].languages} languages of all tiers; partial: given the other factors; intervals from "
        "resampling languages.",
    )


def sensitivity_table(contrast: Contrast, found: Sensitivity, brief: bool = False) -> Table:
    """The difference with one choice changed; ``brief`` shows only what comes to another conclusion or to none."""
    done = [row for row in found.repetitions if row.found]
    shown = [row for row in found.repetitions if not brief or row in found.changing or not row.found]
    factor = unit_factor(contrast)
    # the differences of another metric are not comparable
    values = [row.found.difference.estimate * factor for row in done if row.found and row.kind != "metric"]
    span = f" Low - high is between {min(values):.2f} and {max(values):.2f}, other metrics apart." if values else ""
    return Table(
        f"Sensitivity: low - high ({unit_name(contrast)}) with one choice changed",
        ("change", *DIFFERENCE_COLUMNS, "conclusion"),
        (
            text_row("none", *difference_texts(found.main, factor), ""),
            *(_repetition_row(row, factor) for row in shown),
        ),
        f"{len(found.changing)} of {len(done)} repetitions come to another conclusion (sign, or p < {found.alpha:g})."
        f"{span}",
    )


def _repetition_row(row: Repetition, factor: float) -> Row:
    if row.found is None:
        return text_row(row.change, *["–"] * len(DIFFERENCE_COLUMNS), row.problem)
    changes = [name for name, there in (("sign", row.sign_changes), ("p", row.significance_changes)) if there]
    return text_row(
        row.change, *difference_texts(row.found, factor), f"another {' and '.join(changes)}" if changes else ""
    )


def planned_table(tests: Sequence[CorrectedTest], correction: str = "holm") -> Table:
    """Planned tests and, below them, exploratory ones."""
    rows = [
        text_row(
            test.name,
            "planned" if test.planned else "exploratory",
            p_text(test.p_value),
            p_text(test.p_adjusted),
        )
        for test in tests
    ]
    return Table(
        "Tests planned before looking, and exploratory ones",
        ("test", "family", "p", "p corrected"),
        tuple(rows),
        f"Correction: {correction}, within each of the two families.",
    )
