"""Errors of the API: what a client is told, as problem+json (RFC 9457), without paths and without traces."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from xqg_pyserini.serve.micro_batches import OverloadedError
from xqg_pyserini.serve.schemas import Problem

MEDIA_TYPE = "application/problem+json"
#: Seconds after which a client that was turned away may try again.
RETRY_AFTER = 1
#: Errors of a request's content that are listed.
_ERRORS_LISTED = 3


class RequestError(Exception):
    """What is wrong with a request.

    Args:
        status: HTTP status.
        detail: one sentence for the person who sent it.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def problem(status: int, detail: str) -> JSONResponse:
    """The answer for an error; 429 and 503 say when to try again."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    headers = {"Retry-After": str(RETRY_AFTER)} if status in (429, 503) else {}
    return JSONResponse(body.model_dump(), status, headers, MEDIA_TYPE)


def add_problem_handlers(app: FastAPI) -> None:
    """Have an app answer every error as a problem."""
    app.add_exception_handler(RequestError, _of_request)
    app.add_exception_handler(OverloadedError, _of_overload)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)


async def _of_request(_: Request, error: Any) -> JSONResponse:
    return problem(error.status, error.detail)


async def _of_overload(_: Request, error: Exception) -> JSONResponse:
    return problem(503, str(error))


async def _of_validation(_: Request, error: Any) -> JSONResponse:
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return problem(400, "the body is no JSON")
    parts = [f"{_place(one['loc'])}: {one['msg']}" for one in found[:_ERRORS_LISTED]]
    if len(found) > _ERRORS_LISTED:
        parts.append(f"and {len(found) - _ERRORS_LISTED} more")
    return problem(422, "; ".join(parts))


def _place(loc: tuple[Any, ...]) -> str:
    # names of unknown fields come from the client: they are cut, not repeated at length
    return ".".join(str(part)[:40] for part in loc[1:]) or str(loc[0])


async def _of_http(_: Request, error: Any) -> JSONResponse:
    answer = problem(error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer
