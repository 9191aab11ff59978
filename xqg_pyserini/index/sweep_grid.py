"""The grid of a sweep: rules, alphas and sets of languages, and the names of the runs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from xqg_pyserini.errors import XqgError
from xqg_pyserini.index.augment import AugmentOptions, check_weights
from xqg_pyserini.index.rules import RULES


class LanguageSet(NamedTuple):
    """Languages whose generated queries are used together, under a name."""

    name: str
    languages: tuple[str, ...]


class SweepPoint(NamedTuple):
    """One setting of an augmentation; ``rule`` is empty for the base index."""

    rule: str
    alpha: float
    languages: LanguageSet

    @property
    def name(self) -> str:
        """The name of the run: ``base``, or rule, alpha and languages, as in ``sum_0.01_no-te``."""
        return f"{self.rule}_{self.alpha:g}_{self.languages.name}" if self.rule else "base"


BASE = SweepPoint("", 0, LanguageSet("none", ()))


@dataclass(frozen=True)
class SweepGrid:
    """All combinations of rules, alphas and sets of languages.

    Args:
        rules: names in ``RULES``.
        alphas: weights of the queries.
        language_sets: sets of languages to use; None stands for all languages of the generated queries.
        leave_one_out: also use all languages but one, for each language.
        weights: weight of the queries of a language; see ``AugmentOptions``.
    """

    rules: Sequence[str]
    alphas: Sequence[float]
    language_sets: Sequence[tuple[str, ...] | None] = (None,)
    leave_one_out: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)

    def check(self) -> None:
        """Raise XqgError for a value that an augmentation would not take, or an empty grid."""
        if not (self.rules and self.alphas and self.language_sets):
            raise XqgError("a sweep needs at least one rule, one alpha and one set of languages")
        check_weights(self.weights)
        for rule in self.rules:
            RULES.get(rule)
            for alpha in self.alphas:
                AugmentOptions(rule, alpha).check()

    def sets(self, found: Sequence[str]) -> list[LanguageSet]:
        """The sets of languages, given the languages of the generated queries.

        Raises:
            XqgError: a language that no generated query is in, or none is left.
        """
        sets = [
            LanguageSet("all", tuple(found)) if languages is None else _named(languages, found)
            for languages in self.language_sets
        ]
        if self.leave_one_out:
            if len(found) < 2:
                raise XqgError(f"leaving one language out needs two, the queries are in: {', '.join(found)}")
            sets += [LanguageSet(f"no-{out}", tuple(lang for lang in found if lang != out)) for out in found]
        return list(dict.fromkeys(sets))

    def points(self, languages: LanguageSet) -> Iterator[SweepPoint]:
        """The settings for one set of languages."""
        for rule in dict.fromkeys(self.rules):
            for alpha in dict.fromkeys(self.alphas):
                yield SweepPoint(rule, alpha, languages)


def _named(languages: tuple[str, ...], found: Sequence[str]) -> LanguageSet:
    missing = [lang for lang in languages if lang not in found]
    if missing or not languages:
        raise XqgError(f"no generated query in {', '.join(missing) or 'no language'}; found: {', '.join(found)}")
    return LanguageSet("+".join(sorted(languages)), tuple(sorted(languages)))
