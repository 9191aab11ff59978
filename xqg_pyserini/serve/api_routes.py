"""The REST API: ``/api`` with JSON bodies, health and metrics."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse

from xqg_pyserini import __version__
from xqg_pyserini.serve.about import about_server
from xqg_pyserini.serve.misspelling import misspell_text
from xqg_pyserini.serve.schemas import (
    About,
    CompareRequest,
    CompareResponse,
    DocumentResponse,
    ExplainRequest,
    ExplainResponse,
    Health,
    MisspellRequest,
    MisspellResponse,
    Move,
    Problem,
    SearchRequest,
    SearchResponse,
    System,
    SystemResult,
)
from xqg_pyserini.serve.search_service import Search, SearchService, named_parts, timed

_PROBLEM = {"content": {"application/problem+json": {"schema": Problem.model_json_schema()}}}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The body is no JSON.", **_PROBLEM},
    404: {"description": "No such index or passage.", **_PROBLEM},
    413: {"description": "The body is too large.", **_PROBLEM},
    422: {"description": "The request cannot be used.", **_PROBLEM},
    429: {"description": "Too many requests of this client at once; Retry-After says when to try again.", **_PROBLEM},
    501: {"description": "Spelling correction is not installed on this server.", **_PROBLEM},
    503: {"description": "Too many requests at once; Retry-After says when to try again.", **_PROBLEM},
}

router = APIRouter()


def _service(request: Request) -> SearchService:
    service: SearchService = request.app.state.service
    return service


Service = Annotated[SearchService, Depends(_service)]


@router.get("/health")
async def health() -> Health:
    """Whether the server answers."""
    return Health(status="ok", version=__version__)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(service: Service) -> PlainTextResponse:
    """Counts and times of the worker that answers, in the text format of Prometheus."""
    return PlainTextResponse(service.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/api/about")
async def about(service: Service) -> About:
    """The served indexes and encoders, the languages and presets of typos, limits, and queries to try."""
    return await service.in_reader(about_server, service)


@router.post("/api/search", responses=_REFUSALS)
async def search(request: SearchRequest, service: Service) -> SearchResponse:
    """Search for one query or several."""
    wanted = Search(
        request.index,
        request.encoder,
        request.hits,
        request.correct,
        request.explain,
        request.language,
        request.fuse,
    )
    took, (encoder, results) = await timed(service.search(request.texts, wanted))
    return SearchResponse(index=request.index, encoder=encoder, took_ms=took, results=results)


@router.post("/api/compare", responses=_REFUSALS)
async def compare(request: CompareRequest, service: Service) -> CompareResponse:
    """Search for one query with several systems, and tell how the passages moved between them."""
    took, systems = await timed(asyncio.gather(*(_of_system(system, request, service) for system in request.systems)))
    return CompareResponse(took_ms=took, systems=systems, moves=_moves(systems))


async def _of_system(system: System, request: CompareRequest, service: SearchService) -> SystemResult:
    wanted = Search(system.index, system.encoder, request.hits, system.correct, request.explain, request.language)
    encoder, (result,) = await service.search([request.query], wanted)
    return SystemResult(name=system.name, index=system.index, encoder=encoder, **dict(result))


def _moves(systems: list[SystemResult]) -> list[Move]:
    ranks = {system.name: {hit.docid: hit.rank for hit in system.hits} for system in systems}
    docids = dict.fromkeys(hit.docid for system in systems for hit in system.hits)
    return [Move(docid=docid, ranks={name: own.get(docid) for name, own in ranks.items()}) for docid in docids]


@router.post("/api/misspell", responses=_REFUSALS)
async def misspell(request: MisspellRequest, service: Service) -> MisspellResponse:
    """Misspell a text as people do; the same request gives the same typos."""
    return await service.in_reader(misspell_text, request)


@router.post("/api/explain", responses=_REFUSALS)
async def explain(request: ExplainRequest, service: Service) -> ExplainResponse:
    """Split the score of a query and a passage into the parts of the passage and of generated queries."""
    parts = await service.explain(request.query, request.index, request.docid, request.encoder)
    return ExplainResponse(index=request.index, docid=request.docid, score=parts.score, parts=named_parts(parts))


@router.get("/api/document/{index}/{docid:path}", responses=_REFUSALS)
async def document(index: str, docid: str, service: Service) -> DocumentResponse:
    """The title and the text of a passage."""
    passage = await service.document(index, docid)
    return DocumentResponse(docid=passage.doc_id, title=passage.title, text=passage.text)
