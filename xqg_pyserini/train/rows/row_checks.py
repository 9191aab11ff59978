"""What makes rows unfit for training, found before any work is done."""

import logging
from collections import Counter
from collections.abc import Sequence

from xqg_pyserini.data.topics import read_topics
from xqg_pyserini.errors import InputError
from xqg_pyserini.languages import language as find_language
from xqg_pyserini.train.dual.dual_recipe import DualRecipe
from xqg_pyserini.train.pair_losses import needed_by
from xqg_pyserini.train.rows.training_row import TrainingRow

logger = logging.getLogger(__name__)

#: Fewer teach nothing that lasts.
MINIMUM = 20


def with_positives(rows: Sequence[TrainingRow]) -> list[TrainingRow]:
    """The rows that have a positive passage; a warning tells how many have none.

    Raises:
        InputError: more than half have none, so that the rows are not meant for training yet.
    """
    kept = [row for row in rows if row.positives]
    if len(kept) < len(rows):
        example = next(row.query_id for row in rows if not row.positives)
        found = f"{len(rows) - len(kept)} of {len(rows)} rows have no positive passage, {example!r} among them"
        if 2 * len(kept) < len(rows):
            raise InputError(f"{found}: leave them out, or find passages with: xqg train mine")
        logger.warning("%s: they are left out", found)
    return kept


def check_rows(rows: Sequence[TrainingRow], recipe: DualRecipe) -> None:
    """Refuse rows that a recipe cannot train on; warn where one has little to learn from them.

    Raises:
        InputError: too few rows, a row without a language, or none with what a loss needs.
        UnknownNameError: an unknown language.
    """
    if len(rows) < MINIMUM:
        raise InputError(f"{len(rows)} rows to train on: at least {MINIMUM} are needed")
    if unknown := [row.query_id for row in rows if not row.language]:
        raise InputError(f"query {unknown[0]!r}: its language is not recorded: name it with --language")
    counts = Counter(find_language(row.language).code for row in rows)
    if len(counts) == 1:
        logger.warning("all %d queries are in %r: other languages gain less", len(rows), next(iter(counts)))
    needs = needed_by(recipe.losses)
    if "scores" in needs and not any(row.scores for row in rows):
        raise InputError("no row has scores, which the losses need: xqg train mine writes rows with scores")
    if "english" in needs and not any(row.query_en for row in rows):
        raise InputError("no row has 'query_en', the query in English, which the loss english-teacher needs")
    short = sum(len(row.negatives) < recipe.negatives for row in rows)
    if short:
        logger.warning("%d of %d rows have fewer than %d negatives", short, len(rows), recipe.negatives)


def without_test_queries(rows: Sequence[TrainingRow], tests: Sequence[str], drop: bool = False) -> list[TrainingRow]:
    """Rows whose query is in no test set: the same text, but for case and white space, is the same query.

    Args:
        rows: to train on.
        tests: topics of test sets.
        drop: leave such rows out, with a warning, instead of refusing them.

    Raises:
        InputError: names their number and an example.
    """
    tested = {_plain(query.text): query.query_id for query in read_topics(tests)} if tests else {}
    shared = [row for row in rows if _plain(row.query) in tested]
    if not shared:
        return list(rows)
    row = shared[0]
    found = (
        f"{len(shared)} training queries are in the test set, {row.query!r} ({row.query_id!r} and "
        f"{tested[_plain(row.query)]!r}) among them"
    )
    if not drop:
        raise InputError(f"{found}: leave them out with --drop-overlap, or give --allow-overlap")
    logger.warning("%s: they are left out", found)
    return [row for row in rows if _plain(row.query) not in tested]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
