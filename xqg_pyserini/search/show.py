"""Found passages as a person reads them, and as JSON."""

import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap

from xqg_pyserini.index.components import ScoreParts
from xqg_pyserini.languages import LANGUAGES, language
from xqg_pyserini.records import Query
from xqg_pyserini.search.passage_search import FoundPassage
from xqg_pyserini.search.text_window import passage_window

#: Lines of a passage's text.
_LINES = 3
_INDENT = "    "
#: Isolates a right-to-left text, so that the terminal does not reorder what stands beside it.
_ISOLATED = "\u2068{}\u2069"
#: ``(text, kind) -> text``: kind is ``docid``, ``title`` or ``parts``.
Paint = Callable[[str, str], str]


def passages_as_text(
    query: Query, found: Sequence[FoundPassage], width: int = 80, paint: Paint = lambda text, _: text
) -> str:
    """Rank, score, docid and title of each passage, its best part for the question, and the parts of its score.

    Args:
        query: the question.
        found: what ``search_passages`` returns.
        width: columns of the terminal; wide characters take two.
        paint: adds colours.
    """
    return "\n\n".join("\n".join(_lines(query, one, max(40, width), paint)) for one in found)


def _lines(query: Query, found: FoundPassage, width: int, paint: Paint) -> Iterator[str]:
    title = found.passage.title if found.passage else ""
    head = f"{found.rank:>2}  {found.score:.4f}  "
    room = width - len(head) - columns(found.doc_id) - 2
    yield (
        head
        + paint(isolated(found.doc_id), "docid")
        + (f"  {paint(isolated(_cut(title, room)), 'title')}" if title else "")
    )
    if found.passage:
        text = found.passage.text
        # the share of wide characters says how many characters fill a line
        per_line = int((width - len(_INDENT)) * len(text) / max(1, columns(text)))
        shown = passage_window(text, query.text, max(3, _LINES * per_line - 2 * _LINES))
        yield from (_INDENT + isolated(line) for line in wrap(shown, max(10, per_line), break_on_hyphens=False))
    if found.parts:
        yield _INDENT + paint(parts_as_text(found.parts), "parts")


def parts_as_text(parts: ScoreParts) -> str:
    """Shares of a score in one line: ``passage 90 %, queries: Telugu 6 %, Korean 4 %``."""
    known = {lang.code for lang in LANGUAGES}
    names = [
        f"{language(code).name if code in known else code} {_share(value, parts.score)}"
        for code, value in sorted(parts.languages.items(), key=lambda item: -item[1])
    ]
    queries = f", queries: {', '.join(names)}" if names else ", no queries"
    return f"passage {_share(parts.passage, parts.score)}{queries}"


def _share(value: float, score: float) -> str:
    return f"{100 * value / score:.0f} %" if score else f"{value:.4f}"


def passages_as_json(query: Query, found: Sequence[FoundPassage]) -> str:
    """One JSON object: the question and its hits.

    ``title`` and ``text`` (the whole of it) are null where they are not known; ``parts`` is null where the index keeps
    no components, else the part of the ``passage`` and those of the ``languages``, which add up to the dense score.
    """
    rows = [
        {
            "rank": one.rank,
            "score": one.score,
            "docid": one.doc_id,
            "title": one.passage.title if one.passage else None,
            "text": one.passage.text if one.passage else None,
            "parts": {"passage": one.parts.passage, "languages": one.parts.languages} if one.parts else None,
        }
        for one in found
    ]
    return json.dumps(
        {"question": query.text, "language": query.lang or None, "hits": rows}, ensure_ascii=False, indent=2
    )


def columns(text: str) -> int:
    """Columns that a text takes on a terminal: two for wide characters, none for marks that are put on others."""
    return sum(_columns_of(letter) for letter in text)


def _columns_of(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def isolated(text: str) -> str:
    """The text, isolated from its surroundings where it has right-to-left letters."""
    has_them = any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in text)
    return _ISOLATED.format(text) if has_them else text


def _cut(text: str, room: int) -> str:
    if columns(text) <= room:
        return text
    while text and columns(text) > room - 1:
        text = text[:-1]
    return f"{text}…"
