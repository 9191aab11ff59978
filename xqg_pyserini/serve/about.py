"""What a server serves, as pages and programs ask for it."""

import json
from collections.abc import Iterator
from functools import cache

from xqg_pyserini import __version__, sample
from xqg_pyserini.languages import LANGUAGES, language
from xqg_pyserini.serve.schemas import About, AboutIndex, Example, LanguageName, Limits
from xqg_pyserini.serve.search_service import SearchService, Served
from xqg_pyserini.typo import TYPO_PRESETS, typo_languages

#: Scripts of the known languages that are written from right to left (ISO 15924).
_RIGHT_TO_LEFT = {"Adlm", "Arab", "Hebr", "Nkoo", "Rohg", "Syrc", "Thaa"}


def about_server(service: SearchService) -> About:
    """The answer to ``GET /api/about``."""
    states = list(service.watch.states.values())
    return About(
        version=__version__,
        indexes=[_about_index(state) for state in states],
        encoders=service.encoder_names(),
        typo_presets=TYPO_PRESETS.names(),
        typo_languages=[LanguageName(code=own.code, name=own.name) for own in _typo_languages()],
        limits=Limits(),
        examples=_examples_for(states),
    )


def _about_index(state: Served) -> AboutIndex:
    return AboutIndex(
        name=state.name,
        passages=state.opened.count,
        dim=state.opened.dim,
        encoder=state.encoder.name,
        encoders=list(state.encoders),
        texts=state.has_texts,
        components=bool(state.split.directories),
        languages=[LanguageName(code=code, name=_name_of(code)) for code in state.languages],
    )


def _name_of(code: str) -> str:
    return next((own.name for own in LANGUAGES if own.code == code), code)


_typo_languages = cache(typo_languages)


def _examples_for(states: list[Served]) -> list[Example]:
    """The first question of each language of the sample collection, where its passages are served."""
    examples: dict[str, Example] = {}
    for docid, code, text in _sample_questions():
        if code not in examples and any(state.row_of(docid) is not None for state in states):
            own = language(code)
            examples[code] = Example(
                language=code, name=own.name, query=text, dir="rtl" if own.script in _RIGHT_TO_LEFT else "ltr"
            )
    return list(examples.values())


@cache
def _sample_questions() -> list[tuple[str, str, str]]:
    """Passage id, language and text of the sample's questions."""
    return list(_read_sample_questions())


def _read_sample_questions() -> Iterator[tuple[str, str, str]]:
    for line in sample.QUESTIONS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row["docid"], row["lang"], row["text"]
