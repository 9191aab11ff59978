"""The tools that language models call (Model Context Protocol), over stdio and as ``/mcp`` of the server."""

from collections.abc import Awaitable
from typing import Annotated

from fastapi import FastAPI
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import BaseModel, Field

from xqg_pyserini import __version__
from xqg_pyserini.serve.micro_batches import OverloadedError
from xqg_pyserini.serve.misspelling import misspell_text
from xqg_pyserini.serve.problems import RequestError
from xqg_pyserini.serve.schemas import (
    MAX_QUERY_CHARS,
    MAX_TYPOS,
    DocumentResponse,
    MisspellRequest,
    MisspellResponse,
    Part,
)
from xqg_pyserini.serve.search_service import Search, SearchService, named_parts

#: Passages of one call: a language model has to read them.
_MAX_HITS = 50
_INSTRUCTIONS = (
    "Search in collections of passages, with a question in any language; the passages may be in another language. "
    "Served indexes: {indexes}. Call search first, then get_document for the whole text of a passage."
)

Query = Annotated[
    str, Field(description="a question or a few words, in any language", min_length=1, max_length=MAX_QUERY_CHARS)
]
Docid = Annotated[str, Field(description="passage id, as search gives it", min_length=1, max_length=1000)]


class ToolHit(BaseModel):
    """A passage that was found; ``text`` may be cut."""

    docid: str
    score: float
    title: str | None
    text: str | None


class Explanation(BaseModel):
    """A score and its parts, which add up to it."""

    score: float
    parts: list[Part]


def mcp_server(service: SearchService) -> MCPServer:
    """An MCP server with the tools of a service."""
    names = list(service.watch.states)
    server = MCPServer(
        "xqg_pyserini",
        version=__version__,
        instructions=_INSTRUCTIONS.format(indexes=", ".join(names)),
        log_level="WARNING",
        # nothing here changes while a client listens
        subscriptions=False,
    )
    tools = _Tools(service, names[0])
    for tool in (tools.search, tools.get_document, tools.explain_score, tools.misspell):
        server.add_tool(tool, structured_output=True)
    return server


def add_mcp_routes(app: FastAPI, service: SearchService) -> StreamableHTTPSessionManager:
    """Serve MCP at ``/mcp``; the sessions returned have to run as long as the app does.

    Every request stands alone, so that any worker can answer it.
    """
    server = mcp_server(service)
    routes = server.streamable_http_app(
        streamable_http_path="/mcp",
        stateless_http=True,
        json_response=True,
        # the guard in front of the app has checked the name of the host, and the size
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    ).routes
    app.router.routes.extend(routes)
    return server.session_manager


class _Tools:
    """The tools; what their docstrings say is what a language model reads."""

    def __init__(self, service: SearchService, default_index: str) -> None:
        self._service, self._default = service, default_index

    async def search(
        self,
        query: Query,
        index: Annotated[str, Field(description="name of a served index; empty for the first one")] = "",
        hits: Annotated[int, Field(description="number of passages", ge=1, le=_MAX_HITS)] = 5,
        language: Annotated[str, Field(description="language code of the query, such as fi; only to correct it")] = "",
        correct_spelling: Annotated[bool, Field(description="also search for the corrected query")] = False,
    ) -> list[ToolHit]:
        """Find the passages that answer a question, best first.

        The question may be in another language than the passages and may have typos. Higher scores are better; scores
        of different queries cannot be compared.
        """
        wanted = Search(index or self._default, hits=hits, correct=correct_spelling, language=language or None)
        _, (result,) = await _told(self._service.search([query], wanted))
        return [
            ToolHit(docid=hit.docid, score=hit.score, title=hit.title, text=hit.window.text if hit.window else hit.text)
            for hit in result.hits
        ]

    async def get_document(
        self,
        docid: Docid,
        index: Annotated[str, Field(description="name of the index; empty for the first one")] = "",
    ) -> DocumentResponse:
        """Get the title and the whole text of a passage by its id."""
        passage = await _told(self._service.document(index or self._default, docid))
        return DocumentResponse(docid=passage.doc_id, title=passage.title, text=passage.text)

    async def explain_score(
        self,
        query: Query,
        docid: Docid,
        index: Annotated[str, Field(description="name of an index that keeps components; empty for the first")] = "",
    ) -> Explanation:
        """Tell how much of a passage's score comes from its own text, and how much from each language's generated
        queries."""
        parts = await _told(self._service.explain(query, index or self._default, docid))
        return Explanation(score=parts.score, parts=named_parts(parts))

    async def misspell(
        self,
        text: Annotated[str, Field(description="what to misspell", min_length=1, max_length=MAX_QUERY_CHARS)],
        language: Annotated[str, Field(description="its language code, such as fi or te")],
        typos: Annotated[int, Field(description="number of typos", ge=1, le=MAX_TYPOS)] = 1,
        seed: Annotated[int, Field(description="the same seed gives the same typos")] = 0,
    ) -> MisspellResponse:
        """Misspell a text as people who type that language do, and list the edits."""
        request = MisspellRequest(text=text, language=language, typos=typos, seed=seed)
        return await _told(self._service.in_reader(misspell_text, request))


async def _told[Result](work: Awaitable[Result]) -> Result:
    """The result; what a client can mend is told to the language model."""
    try:
        return await work
    except (RequestError, OverloadedError) as error:
        raise ToolError(str(error)) from None
