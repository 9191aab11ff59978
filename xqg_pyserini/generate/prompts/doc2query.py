"""The passage alone, for checkpoints of the doc2query kind."""

from typing import override

from xqg_pyserini.generate.prompts.base import PROMPTS, Prompt
from xqg_pyserini.languages import Language
from xqg_pyserini.records import Passage


@PROMPTS.register("doc2query")
class Doc2QueryPrompt(Prompt):
    """The text of the passage: such a model writes in the passage's language, whatever language is asked for."""

    template = "{passage}"

    @override
    def text(self, passage: Passage, language: Language) -> str:
        return passage.text
