"""Training of query encoders on misspelled queries, while the passage side and its indexes stay as they are."""

from typing import TYPE_CHECKING

from xqg_pyserini.lazy import lazy_exports

if TYPE_CHECKING:
    from xqg_pyserini.train.losses import LOSSES
    from xqg_pyserini.train.query_encoder import train_query_encoder
    from xqg_pyserini.train.recipe import Recipe, Schedule, Tuning, TypoMix
    from xqg_pyserini.train.training_queries import read_training_queries

__all__ = ["LOSSES", "Recipe", "Schedule", "Tuning", "TypoMix", "read_training_queries", "train_query_encoder"]

__getattr__ = lazy_exports(
    __name__,
    {
        "LOSSES": "losses",
        "Recipe": "recipe",
        "Schedule": "recipe",
        "Tuning": "recipe",
        "TypoMix": "recipe",
        "read_training_queries": "training_queries",
        "train_query_encoder": "query_encoder",
    },
)
