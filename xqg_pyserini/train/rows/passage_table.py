"""The passages that rows name, copied out of their corpus once: random access in little memory."""

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from xqg_pyserini.errors import InputError
from xqg_pyserini.files import atomic_file
from xqg_pyserini.records import Passage
from xqg_pyserini.train.rows.training_row import TrainingRow


class PassageTable:
    """Passages of a file by number; docids and places are held in memory, texts are read when they are asked for.

    Args:
        path: JSON lines ``[docid, title, text]``, as ``copy_passages`` writes them.

    Attributes:
        numbers: docid -> number of the passage, in the order of the corpus.
    """

    def __init__(self, path: Path) -> None:
        self.numbers: dict[str, int] = {}
        ends = [0]
        self._stream = path.open("rb")
        for line in self._stream:
            self.numbers[json.loads(line)[0]] = len(self.numbers)
            ends.append(ends[-1] + len(line))
        self._ends = np.array(ends, np.int64)

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, number: int) -> Passage:
        if not 0 <= number < len(self):
            raise IndexError(number)
        start, end = self._ends[number : number + 2].tolist()
        self._stream.seek(start)
        return Passage(*json.loads(self._stream.read(end - start)))

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def copy_passages(path: Path, rows: Sequence[TrainingRow], corpora: Iterable[Iterable[Passage]]) -> PassageTable:
    """Read the corpora once and write the passages that rows name; a file that is there already is taken as it is.

    Args:
        path: the file.
        rows: their positives and negatives are wanted.
        corpora: of two passages with one docid the first counts.

    Raises:
        InputError: a passage is in no corpus; names it and its query.
    """
    if not path.is_file():
        missing = dict.fromkeys(chain.from_iterable((*row.positives, *row.negatives) for row in rows))
        with atomic_file(path) as stream:
            for passage in chain.from_iterable(corpora):
                if passage.doc_id in missing:
                    del missing[passage.doc_id]
                    stream.write(json.dumps(passage, ensure_ascii=False) + "\n")
                    if not missing:
                        break
            if missing:
                raise _not_found(list(missing), rows)
    return PassageTable(path)


def _not_found(missing: Sequence[str], rows: Sequence[TrainingRow]) -> InputError:
    example = missing[0]
    query_id = next(row.query_id for row in rows if example in (*row.positives, *row.negatives))
    return InputError(
        f"{len(missing)} passages of the rows are not in the corpus, {example!r} of query {query_id!r} among them: "
        f"give the --corpus that the rows were made from"
    )
