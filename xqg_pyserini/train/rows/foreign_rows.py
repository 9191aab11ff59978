"""Training rows in the formats of Tevatron and of SQuAD, which hold the passages themselves."""

import json
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from xqg_pyserini.errors import InputError
from xqg_pyserini.lines import open_lines
from xqg_pyserini.records import Passage
from xqg_pyserini.train.rows.training_row import RowWithPassages, TrainingRow


def tevatron_row(raw: dict[str, Any], path: Path, number: int) -> RowWithPassages:
    """A row of Tevatron, with its passages inside (older releases) or with their ids (newer ones).

    Raises:
        InputError: a passage without a docid or a text.
    """
    ids, passages = [], []
    for side in ("positive", "negative"):
        inside = [_passage(one, path, number) for one in raw.get(f"{side}_passages") or ()]
        passages += inside
        ids.append(tuple(p.doc_id for p in inside) or tuple(map(str, raw.get(f"{side}_document_ids") or ())))
    answers = tuple(str(answer) for answer in raw.get("answers") or ())
    language = str(raw.get("language") or "")
    row = TrainingRow(raw["query_id"], raw["query"].strip(), language, answers, ids[0], ids[1])
    return RowWithPassages(row, tuple(passages))


def _passage(raw: Any, path: Path, number: int) -> Passage:
    if not isinstance(raw, dict) or not isinstance(raw.get("text"), str) or "docid" not in raw:
        raise InputError(f"a passage with 'docid' and 'text' is needed, got {str(raw)[:80]!r}", path, number)
    return Passage(str(raw["docid"]), str(raw.get("title") or ""), raw["text"])


def whole_json(path: Path) -> dict[str, Any] | None:
    """The object of a SQuAD file; None for JSON lines, which have another suffix more often but not always."""
    try:
        with open_lines(path) as stream:
            whole = json.loads(b"".join(stream))
    except ValueError:
        return None
    return whole if isinstance(whole, dict) and "data" in whole else None


def squad_rows(squad: dict[str, Any], path: Path) -> Iterator[RowWithPassages]:
    """The questions of a SQuAD file; a context is known by a hash of its text, the same in every file.

    Parallel files share their question ids, so that the name of the file is put before each.

    Raises:
        InputError: an article that is not of that form.
    """
    prefix = "_".join(path.name.split(".json")[0].split())
    try:
        for article in squad["data"]:
            for paragraph in article["paragraphs"]:
                text = paragraph["context"]
                docid = blake2b(text.encode(), digest_size=8).hexdigest()
                passage = Passage(docid, str(article.get("title") or "").replace("_", " "), text)
                for question in paragraph["qas"]:
                    answers = dict.fromkeys(answer["text"] for answer in question.get("answers") or ())
                    row = TrainingRow(f"{prefix}:{question['id']}", question["question"].strip(), "", tuple(answers))
                    yield RowWithPassages(row._replace(positives=(docid,)), (passage,))
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"is no SQuAD file: {type(error).__name__} {error}", path) from None
