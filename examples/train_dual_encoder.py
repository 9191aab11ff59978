"""Train both sides of the embedded encoder on questions and their passages, and search with the result.

Two steps on 12 passages teach nothing; they show each call. `runs/` and the documentation have recipes for real data.

Run: python examples/train_dual_encoder.py
"""

import tempfile
from pathlib import Path

import numpy as np

from xqg_pyserini.data import open_corpus
from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.train import (
    Where,
    export_sentence_transformers,
    read_recipe,
    read_rows,
    train_dual_encoder,
)


def main() -> None:
    """Rows, a recipe, training, and a search."""
    rows = [row for name in ("en", "te") for row in list(read_rows([f"xqg-sample/{name}"]))[:12]]
    corpus = open_corpus("xqg-sample")
    overrides = {"steps": 2, "batch_size": 4, "check_every": 2, "held_out": 4, "passage_length": 48}
    named = read_recipe("e5-lora", {**overrides, "losses": {"infonce": 1.0, "self-teaching": 0.5}})

    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "adapter"
        figures = train_dual_encoder("embedded", rows, [corpus], named.recipe, Where(output))
        print(f"base {figures['base']['retrieval']:.2f}, trained {figures['trained']['retrieval']:.2f}")

        encoder = TextEncoder(str(output))
        passages = list(corpus)[:12]
        scores = encoder.encode_queries([rows[0].query]) @ encoder.encode_passages(passages).T
        print(f"{rows[0].query} {passages[int(np.argmax(scores))].title}")

        export_sentence_transformers(str(output), Path(folder) / "checkpoint")


if __name__ == "__main__":
    main()
