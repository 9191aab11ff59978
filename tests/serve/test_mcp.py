"""The tools of language models, called by the SDK's own client: over HTTP, and over the pipes of a process."""

import asyncio
import sys
from pathlib import Path
from typing import Any

from mcp import Client as McpClient
from mcp import StdioServerParameters

from tests.serve.serving import Client

QUESTION = "Mikä on aurinkokunnan suurin kuu?"


async def _talk(server: Any) -> None:
    async with McpClient(server) as client:
        assert client.instructions is not None
        assert "base, xqg" in client.instructions
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"search", "get_document", "explain_score", "misspell"}
        schema = tools["search"].input_schema
        assert schema["required"] == ["query"]
        assert all(part["description"] for part in schema["properties"].values())
        assert all((tool.description or "").strip() for tool in tools.values())

        found = await client.call_tool("search", {"query": QUESTION, "index": "xqg", "hits": 3})
        hits = found.structured_content["result"]
        assert len(hits) == 3
        document = await client.call_tool("get_document", {"docid": hits[0]["docid"]})
        assert document.structured_content["title"] == hits[0]["title"]
        asked = {"query": QUESTION, "docid": hits[0]["docid"], "index": "xqg"}
        parts = (await client.call_tool("explain_score", asked)).structured_content
        assert abs(sum(part["share"] for part in parts["parts"]) - parts["score"]) < 1e-4
        typos = await client.call_tool("misspell", {"text": QUESTION, "language": "fi", "typos": 2})
        assert len(typos.structured_content["edits"]) == 2

        for name, arguments, told in (
            ("search", {"query": "moon", "index": "nope"}, "unknown index 'nope'"),
            ("get_document", {"docid": "moons-99"}, "holds no passage of this id"),
            ("explain_score", {"query": "moon", "docid": "moons-4"}, "keeps no components"),
            ("misspell", {"text": "moon", "language": "xx"}, "unknown language"),
            ("search", {"query": "", "hits": 3}, "query"),
            ("search", {"query": "moon", "hits": 51}, "hits"),
        ):
            refused = await client.call_tool(name, arguments)
            assert refused.is_error
            assert told in str(refused.content)


def test_over_http(client: Client) -> None:
    asyncio.run(_talk(f"{client.address}/mcp"))


def test_over_stdio(served: dict[str, Path]) -> None:
    given = [f"--index={name}={directory}" for name, directory in served.items()]
    command = ["-m", "xqg_pyserini.serve", *given, "--mcp=stdio", "--threads=1", "--backend=torch"]
    asyncio.run(_talk(StdioServerParameters(command=sys.executable, args=command)))
