"""Exemplars that are near the passage, instead of the same for all."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, override

from xqg_pyserini.generate.exemplars import Exemplar, NearestExemplars
from xqg_pyserini.generate.prompts.base import PROMPTS
from xqg_pyserini.generate.prompts.sap import SapPrompt
from xqg_pyserini.languages import LANGUAGES, Language
from xqg_pyserini.records import Passage

if TYPE_CHECKING:
    from xqg_pyserini.encode.text_encoder import TextEncoder


@PROMPTS.register("parc")
class ParcPrompt(SapPrompt):
    """The prompt ``sap`` with the exemplars nearest to each passage, the nearest last.

    Retrieval from high-resource languages for prompts in low-resource ones (Nie et al., *Cross-Lingual Retrieval
    Augmented Prompt for Low-Resource Languages*, Findings of ACL 2023, arXiv 2212.09651), with queries to write instead
    of labels to choose. An exemplar shows its question in the language wanted where it has one; otherwise in a
    high-resource language, one of the same script if possible.
    """

    default_shots = 3

    @cached_property
    def _encoder(self) -> "TextEncoder":
        from xqg_pyserini.encode import TextEncoder

        return TextEncoder(self.options.encoder)

    @cached_property
    def _nearest(self) -> NearestExemplars:
        return NearestExemplars(self.pool, self._encoder)

    @override
    def languages(self) -> tuple[str, ...] | None:
        high = {code for shot in self.pool for code in shot.questions if _KNOWN[code].tier == "high"}
        return None if high else super().languages()

    @override
    def fill(self, passages: Sequence[Passage], languages: Sequence[Language]) -> list[list[str]]:
        near = self._nearest.of(passages, self.shots + 1)
        return [
            [self.compose(passage, language, self._shown(passage, language, shots)) for language in languages]
            for passage, shots in zip(passages, near, strict=True)
        ]

    @override
    def text(self, passage: Passage, language: Language) -> str:
        return self.fill([passage], [language])[0][0]

    def _shown(self, passage: Passage, language: Language, near: Sequence[Exemplar]) -> list[tuple[Exemplar, Language]]:
        shown = [
            (shot, asked) for shot in near if shot.text != passage.text and (asked := shown_language(shot, language))
        ]
        return shown[: self.shots][::-1]

    @override
    def describe(self) -> dict[str, Any]:
        return super().describe() | {"encoder": self._encoder.describe()}


_KNOWN = {language.code: language for language in LANGUAGES}


def shown_language(exemplar: Exemplar, wanted: Language) -> Language | None:
    """The language whose question an exemplar shows; None where it has neither that nor a high-resource one."""
    if wanted.code in exemplar.questions:
        return wanted
    high = [_KNOWN[code] for code in exemplar.questions if _KNOWN[code].tier == "high"]
    return min(high, key=lambda one: (one.script != wanted.script, one.code != "en", one.code), default=None)
