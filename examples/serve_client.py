"""Ask a server: compare two systems on a misspelled question, and explain the best hit.

Start the server first: make demo
Then: python examples/serve_client.py http://localhost:8080
"""

import json
import sys
from typing import Any
from urllib.request import Request, urlopen

QUESTION = "Mikä on aurinkokunnan suurin kuu?"


def post(server: str, route: str, **body: Any) -> Any:
    """The answer of a route of the REST API."""
    request = Request(f"{server}/api/{route}", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request) as answer:
        return json.load(answer)


def main(server: str) -> None:
    typed = post(server, "misspell", text=QUESTION, language="fi", typos=2, seed=1)
    print(f"typed\t{typed['text']}\t{len(typed['edits'])} typos")

    systems = [{"name": name, "index": name} for name in ("base", "xqg")]
    compared = post(server, "compare", query=typed["text"], systems=systems, hits=3, language="fi")
    for move in compared["moves"]:
        print(f"ranks\t{move['docid']}\t{move['ranks']}")

    best = compared["systems"][1]["hits"][0]
    explained = post(server, "explain", query=typed["text"], index="xqg", docid=best["docid"])
    for part in explained["parts"]:
        print(f"part\t{part['name']}\t{part['share']:.4f}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080")
