"""The passage alone, for checkpoints of the doc2query kind."""

from collections.abc import Sequence
from typing import override

from xqg_pyserini.errors import XqgError
from xqg_pyserini.generate.prompts.base import PROMPTS, Prompt
from xqg_pyserini.languages import Language
from xqg_pyserini.records import Passage


@PROMPTS.register("doc2query")
class Doc2QueryPrompt(Prompt):
    """The text of the passage: such a model writes in the passage's language, whatever language is asked for."""

    template = "{passage}"

    @override
    def fill(self, passages: Sequence[Passage], languages: Sequence[Language]) -> list[list[str]]:
        if len(languages) > 1:
            codes = ", ".join(one.code for one in languages)
            raise XqgError(
                f"with the prompt 'doc2query' queries are in the passages' language: give it alone, got {codes}"
            )
        return super().fill(passages, languages)

    @override
    def text(self, passage: Passage, language: Language) -> str:
        return passage.text
