"""What is to be done: how many passages and queries, and how they are stored."""

from dataclasses import dataclass

from xqg_pyserini.errors import XqgError
from xqg_pyserini.estimate.amounts import count_text
from xqg_pyserini.storage.flat_file import check_storage


@dataclass(frozen=True)
class Workload:
    """A corpus that is encoded, augmented with generated queries (xQG) and searched.

    Args:
        passages: number of passages.
        queries_per_passage: generated queries of each passage, all languages together; 0 for a base index alone.
        languages: number of their languages.
        kept: share of the generated queries that the filters keep, and that are mixed in.
        dtype: how vectors are stored, ``float32`` or ``float16``.
        texts: whether the index holds the texts of its passages.
        components: whether the augmented index keeps each language's share of its vectors.
        workers: machines, or GPUs, that share the work, each a part of the corpus.
        searched: queries of the search.
    """

    passages: int
    queries_per_passage: float = 0
    languages: int = 1
    kept: float = 1.0
    dtype: str = "float32"
    texts: bool = True
    components: bool = False
    workers: int = 1
    searched: int = 1000

    def check(self) -> None:
        """Raise XqgError for numbers that do not fit each other."""
        check_storage(self.dtype)
        if 0 < self.queries_per_passage < self.languages:
            raise XqgError(
                f"{self.queries_per_passage:g} queries per passage in {self.languages} languages: at least one query "
                f"for each language is needed (the number counts those of all languages)"
            )
        if self.components and not self.queries_per_passage:
            raise XqgError("components are those of generated queries: give the number of queries per passage")
        if self.workers > self.passages:
            raise XqgError(f"{self.workers} workers for {self.passages} passages: at least one passage each is needed")

    @property
    def generated(self) -> int:
        """Generated queries of all passages."""
        return round(self.passages * self.queries_per_passage)

    @property
    def augmented(self) -> int:
        """Queries that filters keep and that are mixed in."""
        return round(self.generated * self.kept)

    @property
    def per_worker(self) -> int:
        """Passages of the largest part."""
        return -(-self.passages // self.workers)

    def __str__(self) -> str:
        """The numbers in words."""
        queries = ""
        if self.queries_per_passage:
            languages = f"{self.languages} languages" if self.languages > 1 else "one language"
            total = count_text(self.generated)
            queries = f", {self.queries_per_passage:g} queries each in {languages} ({total} queries)"
        workers = f", {self.workers} workers" if self.workers > 1 else ""
        return f"{count_text(self.passages)} passages{queries}{workers}"
