"""The routes of Pyserini's REST server (2.3), so that its clients work unchanged.

The contract is that of ``pyserini.server.rest.routes.v1``: parameters, bodies, messages of errors. The code is our own,
because Pyserini's starts a JVM and takes the texts of dense hits from a Lucene index, which ours need not have. Options
of BM25 are refused with its words.
"""

import json
import math
from typing import Annotated, Any, NamedTuple
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from xqg_pyserini.records import Passage
from xqg_pyserini.search.documents import Document
from xqg_pyserini.serve.api_routes import Service
from xqg_pyserini.serve.problems import RequestError
from xqg_pyserini.serve.schemas import MAX_HITS, MAX_QUERY_CHARS
from xqg_pyserini.serve.search_service import Search

_DEFAULT_HITS = 10
#: Fields of a document that hold its id, and fields that ``max_doc_length`` cuts.
_IDS, _CUT = {"id", "_id", "docid"}, {"body", "content", "contents", "text"}

_ERROR = {"content": {"application/json": {"schema": {"type": "object", "properties": {"error": {"type": "string"}}}}}}
_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "A parameter or the name of the index cannot be used.", **_ERROR},
    404: {"description": "No such document.", **_ERROR},
}

Text = Annotated[str | None, Query()]

router = APIRouter(tags=["Pyserini"])


class _BadParameterError(Exception):
    """A parameter that Pyserini's server refuses, in its words."""


class _Form(NamedTuple):
    """How documents are wanted: parsed or as stored, and how many characters of their texts."""

    parse: bool
    length: int | None

    def of(self, passage: Passage | None) -> Any:
        """The document of a passage; None where its texts are not known."""
        if passage is None:
            return None
        raw = Document(passage).raw()
        if not self.parse:
            return raw
        fields = {name: value for name, value in json.loads(raw).items() if name not in _IDS}
        return {name: value[: self.length] if name in _CUT else value for name, value in fields.items()}


def _form(parse: Text = None, max_doc_length: Text = None) -> _Form | str:
    """The form of documents, or what is wrong with the parameters."""
    try:
        parsed = _bool(parse, "parse")
        length = _positive(max_doc_length, "max_doc_length")
    except _BadParameterError as error:
        return str(error)
    if length is not None and not parsed:
        return "Parameter 'max_doc_length' requires parse=true"
    return _Form(parsed, length)


@router.get("/{index:path}/search", responses=_ERRORS)
async def search(
    index: str,
    service: Service,
    form: Annotated[_Form | str, Depends(_form)],
    query: Text = None,
    hits: Text = None,
    k1: Text = None,
    b: Text = None,
) -> Any:
    """Search for a query; see Pyserini's documentation."""
    if query is None or not query.strip():
        return _error(400, "Parameter 'query' is required")
    if len(query) > MAX_QUERY_CHARS:
        return _error(400, f"Parameter 'query' has more than {MAX_QUERY_CHARS} characters")
    try:
        wanted = min(_positive(hits, "hits") or _DEFAULT_HITS, MAX_HITS)
        _check_bm25(_number(k1, "k1"), _number(b, "b"))
    except _BadParameterError as error:
        return _error(400, str(error))
    if isinstance(form, str):
        return _error(400, form)
    name = unquote(index)
    try:
        _, (result,) = await service.search([query], Search(name, hits=wanted))
    except RequestError:
        return _error(400, f"Index not configured for this server: {name}")
    candidates = [
        {
            "docid": hit.docid,
            "score": hit.score,
            "rank": hit.rank,
            "doc": form.of(None if hit.text is None else Passage(hit.docid, hit.title or "", hit.text)),
        }
        for hit in result.hits
    ]
    return {"api": "v1", "index": name, "query": {"text": query}, "candidates": candidates}


@router.get("/{index:path}/doc/{docid}", responses=_ERRORS)
async def document(index: str, docid: str, service: Service, form: Annotated[_Form | str, Depends(_form)]) -> Any:
    """The document of an id; see Pyserini's documentation."""
    name, docid = unquote(index), unquote(docid)
    if not docid.strip():
        return _error(400, "Path parameter 'docid' is required")
    if isinstance(form, str):
        return _error(400, form)
    if name not in service.watch.states:
        return _error(400, f"Index not configured for this server: {name}")
    try:
        passage = await service.document(name, docid)
    except RequestError:
        return _error(404, f"Document not found: {docid}")
    return {"api": "v1", "index": name, "docid": docid, "doc": form.of(passage)}


def _error(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status)


def _bool(raw: str | None, name: str) -> bool:
    values = {"true": True, "false": False}
    if raw is None:
        return True
    if (word := raw.strip().lower()) not in values:
        raise _BadParameterError(f"Parameter '{name}' must be 'true' or 'false'")
    return values[word]


def _positive(raw: str | None, name: str) -> int | None:
    if raw is None or not raw.strip():
        return None
    try:
        value = int(raw)
    except ValueError:
        raise _BadParameterError(f"Parameter '{name}' must be an integer") from None
    if value <= 0:
        raise _BadParameterError(f"Parameter '{name}' must be positive")
    return value


def _number(raw: str | None, name: str) -> float | None:
    if raw is None or not raw.strip():
        return None
    try:
        return float(raw)
    except ValueError:
        raise _BadParameterError(f"Parameter '{name}' must be a number") from None


def _check_bm25(k1: float | None, b: float | None) -> None:
    """Refuse BM25's parameters as Pyserini does: dense indexes have none."""
    if k1 is None and b is None:
        return
    if k1 is None or b is None:
        raise _BadParameterError("BM25 parameters k1 and b must be set together")
    if math.isnan(k1) or k1 < 0:
        raise _BadParameterError("BM25 parameter k1 must be a non-negative number")
    if not 0 <= b <= 1:
        raise _BadParameterError("BM25 parameter b must be between 0 and 1")
    raise _BadParameterError("BM25 parameters k1 and b apply only to sparse (tf) indexes")
