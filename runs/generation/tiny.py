"""The path from passages to kept queries with models of random weights, whose text is nonsense.

    python runs/generation/tiny.py --output runs/generation/results --work DIR

A tiny mT5 whose tokens are the words of the sample's questions, and a tiny Llama behind ``transformers serve``, write
two queries for each of the sample's 72 passages in two languages. The filters must reject nearly all of them.
"""

import argparse
import socket
import subprocess
import sys
from pathlib import Path

from material import KeptVectors, Material, read_sample

from tests.generate.tiny_mt5 import make_tiny_mt5
from xqg_pyserini.data import open_corpus, read_topics
from xqg_pyserini.files import atomic_file
from xqg_pyserini.generate import CorpusTexts, FilterOptions, RoundTrip, Thresholds, Tools, filter_store
from xqg_pyserini.generate.backends import Decoding
from xqg_pyserini.generate.backends.seq2seq import Seq2seqOptions
from xqg_pyserini.generate.endpoint_client import EndpointOptions
from xqg_pyserini.generate.generation import GenerationOptions, generate_queries
from xqg_pyserini.generate.summary import summarize_store

LANGUAGES = ("fi", "ru")
DECODING = Decoding(queries=2, max_tokens=16)


def by_seq2seq(work: Path, store: Path, threads: int) -> None:
    """Queries of a tiny mT5."""
    words = [query.text for language in LANGUAGES for query in read_topics(f"xqg-sample/{language}")]
    model = make_tiny_mt5(work / "mt5", words)
    backend = Seq2seqOptions(str(model), threads=threads)
    options = GenerationOptions(LANGUAGES, "seq2seq", backend, decoding=DECODING)
    generate_queries(open_corpus("xqg-sample"), options, store, overwrite=True)


def by_endpoint(work: Path, store: Path, _threads: int) -> None:
    """Queries of a tiny Llama behind a server of this machine."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "tests.generate.serving", str(work / "llama"), str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        backend = EndpointOptions(str(work / "llama"), f"http://127.0.0.1:{port}/v1", retries=100)
        options = GenerationOptions(LANGUAGES, "endpoint", backend, "plain", decoding=DECODING)
        generate_queries(open_corpus("xqg-sample"), options, store, overwrite=True)


def report(store: Path, material: Material, vectors: KeptVectors, work: Path) -> str:
    """The tables of a store: filtered by the round trip alone, and by the default filters."""
    round_trip = RoundTrip(vectors.index(material, work), vectors)
    tools = Tools(CorpusTexts(material.passages, material.name), round_trip)
    alone = filter_store(store, FilterOptions(("round-trip",), Thresholds(round_trip=1)), tools)
    text = f"Round trip 1 alone:\n\n{alone.table()}\n"
    filter_store(store, FilterOptions(thresholds=Thresholds(round_trip=10)), tools)
    summary = summarize_store(store)
    return f"{text}Default filters, round trip 10:\n\n{summary.table()}\n" + "".join(
        f"- {line}\n" for line in summary.warnings()
    )


def main() -> None:
    """Generate, filter and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="folder for tiny.md")
    parser.add_argument("--work", type=Path, required=True, help="folder for models, stores and vectors")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    material, vectors = read_sample(), KeptVectors(given.work, given.threads)
    with atomic_file(given.output / "tiny.md") as stream:
        for name, generate in (("seq2seq", by_seq2seq), ("endpoint", by_endpoint)):
            store = given.work / f"tiny-{name}"
            generate(given.work, store, given.threads)
            stream.write(f"## {name}\n\n{report(store, material, vectors, given.work)}\n")


if __name__ == "__main__":
    main()
