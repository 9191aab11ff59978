"""What a query's variants are to be near: the clean query's vector, or one between it and that of a translation.

Aiming every language at the vectors of one is multilingual distillation (Reimers and Gurevych, EMNLP 2020, "Making
Monolingual Sentence Embeddings Multilingual using Knowledge Distillation", arXiv 2004.09813). There student and teacher
are two encoders; here they are one, whose passages stay where they are, so that queries move only part of the way.
"""

import logging
from collections.abc import Sequence

import numpy as np

from xqg_pyserini.languages import language
from xqg_pyserini.records import Query
from xqg_pyserini.train.queries import question_of

logger = logging.getLogger(__name__)


def towards_translations(queries: Sequence[Query], vectors: np.ndarray, pivot: str, weight: float) -> np.ndarray:
    """Move each clean query's vector towards that of its translation into ``pivot``.

    Args:
        queries: with their languages; translations share an id (``question_of``).
        vectors: ``(queries, dim)``, of the clean queries.
        pivot: language of the translations.
        weight: of the translation, from 0 (the query's own vector) to 1.

    Returns:
        ``(queries, dim) float32``: ``(1 - weight) · own + weight · translation``, as long as the own vector was. A
        query without a translation among ``queries`` keeps its own.
    """
    pivot = language(pivot).code
    row_of = {question_of(query): row for row, query in enumerate(queries) if query.lang == pivot}
    rows = np.array([row_of.get(question_of(query), row) for row, query in enumerate(queries)])
    logger.info("%d of %d queries have a translation into %s", (rows != np.arange(len(rows))).sum(), len(rows), pivot)
    mixed = (1 - weight) * vectors + weight * vectors[rows]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True) / np.linalg.norm(mixed, axis=1, keepdims=True)
    return np.asarray(mixed * lengths, np.float32)
