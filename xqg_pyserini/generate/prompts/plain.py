"""An instruction without exemplars, for models that follow instructions."""

import re
from typing import override

from xqg_pyserini.generate.prompts.base import PROMPTS, Answer, Prompt
from xqg_pyserini.languages import Language
from xqg_pyserini.records import Passage

#: What models put before a question though they were asked not to: a label or a number.
_LABEL = re.compile(r"^(?:[-*•]\s+|\d+[.)]\s+|(?:question|query)[^:\n]{0,30}:\s*)", re.IGNORECASE)
_QUOTES = {'"': '"', "'": "'", "“": "”", "«": "»", "「": "」", "„": "“"}


@PROMPTS.register("plain")
class PlainPrompt(Prompt):
    """One question, in one line, that the passage answers and that is understood without the passage."""

    template = (
        "Write one question in {language} that the following passage answers. The question must be specific, must be "
        "understood by someone who has not read the passage, and must be written in {language}. Answer with the "
        "question only.\n\n{passage}"
    )

    @override
    def text(self, passage: Passage, language: Language) -> str:
        return self.template.format(language=language.name, passage=f"{passage.title}\n{passage.text}".lstrip())

    @override
    def read(self, completion: str) -> Answer:
        lines = [line.strip() for line in completion.splitlines() if line.strip()]
        if not lines:
            return Answer("", problem="nothing was written")
        problem = f"{len(lines)} lines instead of one question" if len(lines) > 1 else ""
        return Answer(clean_question(lines[0]), problem=problem)


def clean_question(line: str) -> str:
    """A question without the label, number or quotation marks around it."""
    question = _LABEL.sub("", line.strip()).strip()
    if len(question) > 2 and _QUOTES.get(question[0]) == question[-1]:
        question = question[1:-1].strip()
    return " ".join(question.split())
