"""The prompt of xQG's generator."""

from typing import override

from xqg_pyserini.generate.prompts.base import PROMPTS, Prompt
from xqg_pyserini.languages import Language
from xqg_pyserini.records import Passage


@PROMPTS.register("xqg-mt5")
class XqgMt5Prompt(Prompt):
    """The words with which xQG's mT5 was trained (Zhuang, Shou and Zuccon, SIGIR 2023; "a Arabic" is theirs)."""

    template = "Generate a {language} question for this passage: {passage}"

    @override
    def text(self, passage: Passage, language: Language) -> str:
        return self.template.format(language=language.name, passage=f"{passage.title} {passage.text}".lstrip())
