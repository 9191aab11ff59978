"""The seeded generator: misspelt variants of a query, each a function of seed, language, query id and variant."""

import dataclasses
import unicodedata
from collections.abc import Mapping

from xqg_pyserini.errors import XqgError
from xqg_pyserini.typo.draws import Draws
from xqg_pyserini.typo.one_slip import SlipMaker, Spans, State
from xqg_pyserini.typo.presets import Preset, preset
from xqg_pyserini.typo.profiles import Profile, profile
from xqg_pyserini.typo.typo_query import Edit, TypoQuery


class TypoGenerator:
    """Misspells queries of one language, reproducibly.

    Args:
        lang: any code of a known language (``te``, ``swa``, ``zh-Hant``).
        preset: ``natural``, ``keyboard`` or ``textattack``, or a mix of one's own: operator -> weight.
        edits: slips per query.
        word_rate: instead of ``edits``, the chance of a slip per word, from 0 to 1.
        seed: any integer. The result for a query depends on the seed, the language, the query id and the variant
            alone: not on order, batch or process.

    Raises:
        UnknownNameError: unknown language, preset or operator.
        XqgError: negative edits, a rate outside 0..1, or both given.
    """

    def __init__(
        self,
        lang: str,
        preset: str | Mapping[str, float] = "natural",
        edits: int = 1,
        word_rate: float | None = None,
        seed: int = 0,
    ) -> None:
        _check_amount(edits, word_rate)
        self.edits, self.word_rate, self.seed = edits, word_rate, seed
        self.preset, self.profile = _settings(lang, preset)
        self.lang = self.profile.code
        self._slips = SlipMaker(self.profile, self.preset)

    def generate(self, query_id: str, text: str, variants: int = 1) -> list[TypoQuery]:
        """Up to ``variants`` misspelt forms of a query, all different.

        Fewer come back where the query does not have so many; where nothing can be misspelt, one unchanged query
        with its ``unchanged_reason`` comes back.

        Raises:
            XqgError: ``variants`` below 1, or a text that is not valid Unicode.
        """
        if variants < 1:
            raise XqgError(f"variants is {variants}: at least 1 is needed")
        clean = self._clean(query_id, text)
        spans = self._slips.spans(clean)
        found: list[TypoQuery] = []
        seen = {clean}
        for variant in range(variants if spans else 0):
            misspelt, made = self._misspell(clean, spans, seen, Draws(self.seed, self.lang, query_id, variant))
            if made:
                seen.add(misspelt)
                found.append(TypoQuery(query_id, misspelt, clean, self.lang, made, self.seed, variant))
        if found:
            return found
        return [TypoQuery(query_id, clean, clean, self.lang, (), self.seed, 0, self._reason(clean, spans))]

    def _clean(self, query_id: str, text: str) -> str:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            where = f"lone surrogate U+{ord(text[error.start]):04X} at {error.start}"
            raise XqgError(f"query {query_id!r} is not valid Unicode: {where}") from None
        clean = unicodedata.normalize("NFC", text)
        return clean.lower() if self.preset.literature else clean

    def _reason(self, clean: str, spans: Spans) -> str:
        if not clean.strip():
            return "empty"
        if not spans:
            return "no_eligible_word"
        if self.edits == 0 and self.word_rate is None:
            return "no_edits_asked"
        return "no_eligible_unit" if self.word_rate is None else "no_word_drawn"

    def _amount(self, spans: Spans, rng: Draws) -> int:
        """How many slips to make."""
        if self.word_rate is None:
            return self.edits
        size, spans = self.profile.word_length, self._slips.long(spans)
        words = sum(-(-(end - start) // size) for start, end in spans) if size else len(spans)
        return sum(rng.random() < self.word_rate for _ in range(words))

    def _misspell(self, clean: str, spans: Spans, seen: set[str], rng: Draws) -> tuple[str, tuple[Edit, ...]]:
        """The misspelt text and its edits; no edits where none was possible."""
        text = clean
        made: list[Edit] = []
        touched: Spans = []
        for _ in range(self._amount(spans, rng)):
            if made:
                spans = _untouched(self._slips.spans(text), touched)
            edit = self._slips.make(State(text, spans, touched, seen), rng)
            if edit is None:
                break
            text = edit.apply(text)
            made.append(edit)
            touched = _follow(touched, edit)
        return text, tuple(made)


def _check_amount(edits: int, word_rate: float | None) -> None:
    if edits < 0:
        raise XqgError(f"edits is {edits}: 0 or more is needed")
    if word_rate is not None and not 0 <= word_rate <= 1:
        raise XqgError(f"word_rate is {word_rate}: a share from 0 to 1 is needed")
    if word_rate is not None and edits != 1:
        raise XqgError(f"edits={edits} and word_rate={word_rate} exclude each other: give one of them")


def _settings(lang: str, choice: str | Mapping[str, float]) -> tuple[Preset, Profile]:
    own = profile(lang)
    chosen = preset(choice, own.language)
    if chosen.initial_weight is not None:
        own = dataclasses.replace(own, initial_weight=chosen.initial_weight)
    return chosen, own


def _untouched(spans: Spans, touched: Spans) -> Spans:
    """The words without a slip so far; all of them where every word has one."""
    fresh = [(s, e) for s, e in spans if not any(start <= e and s <= end for start, end in touched)]
    return fresh or spans


def _follow(touched: Spans, edit: Edit) -> Spans:
    """Where the slips made so far stand after one more."""
    shift = len(edit.new) - len(edit.old)
    moved = [(s + shift, e + shift) if s >= edit.end else (s, e) for s, e in touched]
    return [*moved, (edit.start, edit.start + len(edit.new))]
