"""Export MKQA's Khmer questions as topics that Pyserini reads, and their English answers for scoring.

Run: python examples/data_mkqa_topics.py FOLDER
The same from a shell:
    xqg data export mkqa/km/bge --kind queries --output topics.mkqa-km.tsv
    xqg data export mkqa/km/bge --kind answers --output answers.mkqa-km.jsonl
"""

import sys
from pathlib import Path

from xqg_pyserini.data import export_records, read_topics


def main(folder: Path) -> None:
    topics, answers = folder / "topics.mkqa-km.tsv", folder / "answers.mkqa-km.jsonl"
    # "bge": the questions that BGE-M3 evaluates on, with the passages of beir/nq as documents
    print(export_records("mkqa/km/bge", "queries", topics, overwrite=True), "topics in", topics)
    # the documents are English, so the answers written beside the Khmer questions are the English ones
    print(export_records("mkqa/km/bge", "answers", answers, overwrite=True), "answers in", answers)

    # Pyserini's topics are two columns without a header; python -m pyserini.search.faiss --topics takes the file
    first = topics.read_text(encoding="utf-8").splitlines()[0]
    print(first)

    # both files are sources like any other
    print(read_topics(answers)[0].answers)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
