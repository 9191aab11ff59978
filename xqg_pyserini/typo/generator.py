"""The seeded generator: every misspelled variant of a query depends on seed, language, query id and variant alone."""

import dataclasses
import unicodedata
from collections.abc import Mapping

from xqg_pyserini.errors import XqgError
from xqg_pyserini.typo.edit_maker import Draft, EditMaker, Spans
from xqg_pyserini.typo.operators import TYPO_OPERATORS
from xqg_pyserini.typo.presets import Preset, preset_for
from xqg_pyserini.typo.profiles import profile
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.typo_query import TypoQuery


class TypoGenerator:
    """Misspells queries of one language, reproducibly.

    Args:
        language: any code of a known language (``te``, ``swa``, ``zh-Hant``).
        typos: edits per query.
        typo_seed: any integer. The result for a query depends on the seed, the language, the query id and the variant
            alone: not on order, batch or process.
        typo_preset: a name in ``TYPO_PRESETS``, or a mix of your own: operator -> relative weight.
        word_rate: instead of ``typos``, the probability of an edit per word, from 0 to 1.

    Raises:
        UnknownNameError: unknown language, preset or operator.
        XqgError: negative ``typos``, a rate outside 0..1, or both given.
    """

    def __init__(
        self,
        language: str,
        typos: int = 1,
        typo_seed: int = 0,
        typo_preset: str | Mapping[str, float] = "natural",
        word_rate: float | None = None,
    ) -> None:
        _check_amount(typos, word_rate)
        self.typos, self.word_rate, self.typo_seed = typos, word_rate, typo_seed
        own = profile(language)
        if isinstance(typo_preset, str):
            self.preset = preset_for(typo_preset, own.language)
        else:
            self.preset = Preset(_checked_mix(typo_preset))
        first = own.initial_weight if self.preset.initial_weight is None else self.preset.initial_weight
        self.language, self.profile = own.code, dataclasses.replace(own, initial_weight=first)
        self._maker = EditMaker(self.profile, self.preset)

    def generate(self, query_id: str, text: str, variants: int = 1) -> list[TypoQuery]:
        """Up to ``variants`` misspelled variants of a query, all different.

        The list is shorter if the query has fewer different variants. If nothing can be misspelled, it holds the
        unchanged query with its ``unchanged_reason``.

        Raises:
            XqgError: ``variants`` below 1, or a text that is not valid Unicode.
        """
        if variants < 1:
            raise XqgError(f"variants is {variants}: at least 1 is needed")
        clean = self._clean(query_id, text)
        spans = self._maker.spans(clean)
        found: list[TypoQuery] = []
        seen = {clean}
        for variant in range(variants if spans else 0):
            rng = RandomStream(self.typo_seed, self.language, query_id, variant)
            draft = self._misspell(clean, spans, seen, rng)
            if draft.edits:
                seen.add(draft.text)
                edits = tuple(draft.edits)
                found.append(TypoQuery(query_id, draft.text, clean, self.language, edits, self.typo_seed, variant))
        reason = self._reason(clean, spans)
        return found or [TypoQuery(query_id, clean, clean, self.language, (), self.typo_seed, 0, reason)]

    def _clean(self, query_id: str, text: str) -> str:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            where = f"lone surrogate U+{ord(text[error.start]):04X} at {error.start}"
            raise XqgError(f"query {query_id!r} is not valid Unicode: {where}") from None
        clean = unicodedata.normalize("NFC", text)
        return clean.lower() if self.preset.textattack_rules else clean

    def _reason(self, clean: str, spans: Spans) -> str:
        if not clean.strip():
            return "empty"
        if not spans:
            return "no_eligible_word"
        if self.typos == 0 and self.word_rate is None:
            return "no_typos_asked"
        return "no_eligible_unit" if self.word_rate is None else "no_word_chosen"

    def _amount(self, spans: Spans, rng: RandomStream) -> int:
        """How many edits to make."""
        if self.word_rate is None:
            return self.typos
        size, spans = self.profile.word_length, self._maker.long(spans)
        words = sum(-(-(end - start) // size) for start, end in spans) if size else len(spans)
        return sum(rng.random() < self.word_rate for _ in range(words))

    def _misspell(self, clean: str, spans: Spans, seen: set[str], rng: RandomStream) -> Draft:
        """The misspelled text with its edits, as many as are possible; all in different words where there are any."""
        draft = Draft(clean, seen)
        for _ in range(self._amount(spans, rng)):
            if draft.edits:
                words = self._maker.spans(draft.text)
                spans = [span for span in words if not draft.touches(*span)] or words
            if not self._maker.make(draft, spans, rng):
                break
        return draft


def _check_amount(typos: int, word_rate: float | None) -> None:
    if typos < 0:
        raise XqgError(f"typos is {typos}: 0 or more is needed")
    if word_rate is not None and not 0 <= word_rate <= 1:
        raise XqgError(f"word_rate is {word_rate}: a share from 0 to 1 is needed")
    if word_rate is not None and typos != 1:
        raise XqgError(f"typos={typos} and word_rate={word_rate} exclude each other: give one of them")


def _checked_mix(mix: Mapping[str, float]) -> dict[str, float]:
    for name, weight in mix.items():
        TYPO_OPERATORS.get(name)
        if not (isinstance(weight, int | float) and 0 <= weight < float("inf")):
            raise XqgError(f"weight of operator {name!r} is {weight!r}: a number from 0 up is needed")
    if not any(mix.values()):
        raise XqgError("every operator of the mix has weight 0: give at least one a weight above 0")
    return dict(mix)
