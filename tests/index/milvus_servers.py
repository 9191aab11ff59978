"""Milvus servers that tests talk to: files of Milvus Lite, and Milvus Lite as a server that asks for a token."""

import base64
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from milvus_lite.adapter.grpc.servicer import MilvusServicer
from milvus_lite.db import MilvusLite
from pymilvus.grpc_gen import milvus_pb2_grpc

from xqg_pyserini.index.milvus.milvus_place import MilvusPlace


def lite(folder: Path, collection: str = "passages") -> MilvusPlace:
    """A collection in a file of Milvus Lite."""
    return MilvusPlace(str(folder / "milvus.db"), collection)


class _AsksForToken(grpc.ServerInterceptor):
    """Refuses calls without the token, with the status and the words of a Milvus proxy."""

    def __init__(self, token: str) -> None:
        self._token = base64.b64encode(token.encode()).decode()

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        """Go on, or refuse."""
        if dict(details.invocation_metadata).get("authorization") == self._token:
            return continuation(details)

        def refuse(_request: Any, context: grpc.ServicerContext) -> None:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "auth check failure, please check api key is correct")

        return grpc.unary_unary_rpc_method_handler(refuse)


@contextmanager
def server_with_token(folder: Path, token: str) -> Iterator[str]:
    """The URI of a server in this process."""
    database = MilvusLite(str(folder / "served.db"))
    server = grpc.server(ThreadPoolExecutor(4), interceptors=[_AsksForToken(token)])
    milvus_pb2_grpc.add_MilvusServiceServicer_to_server(MilvusServicer(database), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop(grace=None)
        database.close()
