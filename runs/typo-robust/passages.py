"""What stands for the passages while the adapter is trained: MKQA's English questions, each with its answers.

    python runs/typo-robust/passages.py DATA > passages.jsonl

Encoded as passages they lie where English passages that answer such questions lie.
"""

import json
import sys
from pathlib import Path

from xqg_pyserini.data.topics import read_topics

#: MKQA lists several spellings of an answer.
_ANSWERS = 2


def main(data: Path) -> None:
    """Write one passage a line."""
    for query in read_topics(str(data / "mkqa" / "mia_dev" / "mkqa-en.jsonl")):
        text = f"{query.text}? {', '.join(query.answers[:_ANSWERS])}"
        sys.stdout.write(json.dumps({"id": query.query_id, "text": text}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
