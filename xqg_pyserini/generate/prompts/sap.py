"""Summarise, then ask: the prompt of SWIM-IR."""

import re
from collections.abc import Sequence
from typing import Any, override

from xqg_pyserini.errors import XqgError
from xqg_pyserini.generate.exemplars import Exemplar, exemplars_hash, read_exemplars
from xqg_pyserini.generate.prompts.base import PROMPTS, Answer, Prompt, PromptOptions, fingerprint
from xqg_pyserini.generate.prompts.plain import clean_question
from xqg_pyserini.languages import Language
from xqg_pyserini.records import Passage

_ANSWER = re.compile(
    r"\A\s*(?:Summary:)?\s*(?P<summary>.*?)\s*^\s*(?:Query|Question)(?:\s+in\s+[^:\n]+)?:[ \t]*(?P<query>[^\n]*)",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)


@PROMPTS.register("sap")
class SapPrompt(Prompt):
    """Exemplars of an article, its summary and a question in the language wanted; then the passage as an article.

    Summarise-then-ask prompting (Thakur et al., *Leveraging LLMs for Synthesizing Training Data Across Many Languages
    in Multilingual Dense Retrieval*, NAACL 2024, arXiv 2311.05800), which shows five exemplars for questions in
    another language than the passage's. The sentence before them is ours.
    """

    max_tokens = 256
    template = (
        "Read the article, summarise what matters in it, then write a question in {language} that the summary answers."
    )
    default_shots = 5

    def __init__(self, options: PromptOptions) -> None:
        super().__init__(options)
        self.pool = read_exemplars(options.exemplars)
        self.shots = self.default_shots if options.shots is None else options.shots

    @override
    def languages(self) -> tuple[str, ...] | None:
        return tuple(sorted({code for exemplar in self.pool for code in exemplar.questions}))

    @override
    def text(self, passage: Passage, language: Language) -> str:
        shown = [shot for shot in self.pool if language.code in shot.questions and shot.text != passage.text]
        return self.compose(passage, language, [(shot, language) for shot in shown[: self.shots]])

    def compose(self, passage: Passage, language: Language, shown: Sequence[tuple[Exemplar, Language]]) -> str:
        """The prompt with these exemplars, each with the language of the question that is shown.

        Raises:
            XqgError: there is none to show.
        """
        if not shown and self.shots:
            raise XqgError(f"no exemplar has a question in {language.name}: give a file of --exemplars that has")
        blocks = [
            f"Article: {_article(shot)}\nSummary: {shot.summary}\nQuery in {asked.name}: {shot.questions[asked.code]}"
            for shot, asked in shown
        ]
        instruction = self.template.format(language=language.name)
        last = f"Article: {_article(passage)}\nSummary:"
        return "\n\n".join([instruction, *blocks, last])

    @override
    def read(self, completion: str) -> Answer:
        found = _ANSWER.match(completion)
        if found is None:
            return Answer("", problem="no line 'Query in …:' after the summary")
        query, summary = clean_question(found["query"]), " ".join(found["summary"].split())
        if not query:
            return Answer("", summary, "the query is empty")
        return Answer(query, summary, "" if summary else "the summary is empty")

    @override
    def describe(self) -> dict[str, Any]:
        return {
            "template": fingerprint(self.template),
            "shots": self.shots,
            "exemplars": exemplars_hash(self.pool),
        }


def _article(passage: Passage | Exemplar) -> str:
    """Title and text in one line, so that the labels alone begin lines."""
    return " ".join(f"{passage.title}. {passage.text}".split()) if passage.title else " ".join(passage.text.split())
