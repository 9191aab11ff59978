"""The small collection that ships with the package: where its files lie."""

from pathlib import Path

SAMPLE = Path(__file__).parent
#: One ``{"id", "title", "text"}`` a row.
PASSAGES = SAMPLE / "passages.jsonl"
#: One ``{"id", "docid", "lang", "text", "answer"}`` a row.
QUESTIONS = SAMPLE / "questions.jsonl"
#: One ``{"docid", "lang", "text"}`` a row.
GENERATED = SAMPLE / "generated.jsonl"
