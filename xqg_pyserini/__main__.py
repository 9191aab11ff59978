"""``python -m xqg_pyserini`` and the ``xqg`` command: the list of stages."""

import click

from xqg_pyserini import __version__
from xqg_pyserini.options import LazyGroup

STAGES = {
    "quickstart": ("xqg_pyserini.experiment.__main__:quickstart", "Run the whole pipeline on the sample collection."),
    "doctor": ("xqg_pyserini.doctor:doctor", "Report what is installed, what is missing and how to install it."),
    "data": ("xqg_pyserini.data.__main__:main", "List, show, fetch and export data sets (ir_datasets)."),
    "typo": ("xqg_pyserini.typo.__main__:main", "Misspell topics as people do, reproducibly; list languages."),
    "encode": ("xqg_pyserini.encode.__main__:main", "Encode a corpus into a Pyserini Faiss index."),
    "generate": (
        "xqg_pyserini.generate.__main__:main",
        "Generate queries from passages, in other languages; filter them.",
    ),
    "index": ("xqg_pyserini.index.__main__:main", "Augment (xQG), sweep, convert, merge and verify indexes."),
    "search": ("xqg_pyserini.search.__main__:main", "Search an index: passages for a question, a run for topics."),
    "serve": ("xqg_pyserini.serve.__main__:main", "Serve indexes: a page, a REST API and MCP."),
    "train": ("xqg_pyserini.train.__main__:main", "Train encoders and query generators; mine negatives."),
    "evaluate": ("xqg_pyserini.evaluate.__main__:main", "Score TREC runs, test significance, report."),
    "experiment": ("xqg_pyserini.experiment.__main__:main", "Run a plan from data to a report with the answer."),
    "estimate": ("xqg_pyserini.estimate.__main__:main", "Estimate time, disk and memory for a corpus of some size."),
    "pyserini": ("xqg_pyserini.host.__main__:main", "Run any stock Pyserini command without installed Java."),
}


@click.group(
    cls=LazyGroup,
    lazy=STAGES,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: xqg quickstart. Each stage has its own --help.",
)
@click.version_option(__version__, prog_name="xqg_pyserini")
def main() -> None:
    """Cross-lingual dense retrieval that survives real queries, on Pyserini indexes."""


if __name__ == "__main__":
    main(prog_name="xqg")
