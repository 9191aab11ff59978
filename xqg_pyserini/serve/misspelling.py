"""Misspelling a text for a person: where the edits are in what they see."""

from functools import lru_cache

from xqg_pyserini.errors import XqgError
from xqg_pyserini.serve.problems import RequestError
from xqg_pyserini.serve.schemas import MisspellRequest, MisspellResponse, TypoEdit
from xqg_pyserini.typo import TypoGenerator, TypoQuery

#: Generators kept: a language, a preset, a number of typos and a seed each.
_GENERATORS_KEPT = 64


def misspell_text(request: MisspellRequest) -> MisspellResponse:
    """A text with typos, and its edits in the order of their places.

    Raises:
        RequestError: an unknown language or preset, or a preset that is not for the language (422).
    """
    try:
        generator = _generator(request.language, request.typos, request.seed, request.preset)
        (found,) = generator.generate("", request.text)
    except XqgError as error:
        raise RequestError(422, str(error)) from None
    return MisspellResponse(text=found.text, edits=_placed_edits(found))


@lru_cache(_GENERATORS_KEPT)
def _generator(language: str, typos: int, seed: int, preset: str) -> TypoGenerator:
    return TypoGenerator(language, typos, seed, preset)


def _placed_edits(found: TypoQuery) -> list[TypoEdit]:
    """Edits with their places in the final text: an edit's own offsets are those of the text before it."""
    placed: list[TypoEdit] = []
    for edit in found.edits:
        shift = len(edit.new) - len(edit.old)
        for earlier in placed:
            if earlier.start >= edit.end:
                earlier.start += shift
                earlier.end += shift
        end = edit.start + len(edit.new)
        placed.append(TypoEdit(start=edit.start, end=end, operator=edit.operator, before=edit.old, after=edit.new))
    return sorted(placed, key=lambda edit: edit.start)
