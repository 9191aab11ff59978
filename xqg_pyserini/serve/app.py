"""The application that a server process runs: all routes, with what guards them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from xqg_pyserini import __version__
from xqg_pyserini.serve import api_routes, pyserini_routes
from xqg_pyserini.serve.mcp_tools import add_mcp_routes
from xqg_pyserini.serve.problems import add_problem_handlers
from xqg_pyserini.serve.request_guard import RequestGuard
from xqg_pyserini.serve.search_service import SearchService
from xqg_pyserini.serve.server_settings import ServerSettings

PAGE = Path(__file__).parent / "page"


def create_app(settings: ServerSettings) -> FastAPI:
    """An ASGI application that serves some indexes.

    Args:
        settings: what is served, how and to whom.

    Raises:
        XqgError: an index or an encoder cannot be opened.
    """
    service = SearchService(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(service.watch.run(settings.check_seconds))
        async with sessions.run():
            yield
        watching.cancel()
        service.close()

    app = FastAPI(
        title="xqg_pyserini",
        version=__version__,
        description="Cross-lingual dense retrieval that survives real queries.",
        lifespan=lifespan,
        # their pages load scripts from another host
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    add_problem_handlers(app)
    app.include_router(api_routes.router)
    app.include_router(pyserini_routes.router, prefix="/v1")
    sessions = add_mcp_routes(app, service)
    _add_page(app)
    app.add_middleware(RequestGuard, service=service)
    # the last one that is added is the first that a request meets: a browser's preflight brings no key
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-API-Key"],
        )
    return app


def _add_page(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(PAGE / "index.html")

    app.mount("/page", StaticFiles(directory=PAGE))
