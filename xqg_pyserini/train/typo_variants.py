"""Variants of the training queries: the same for the same seed, epoch and query, whatever the order."""

from hashlib import blake2b
from random import Random

from xqg_pyserini.records import Query
from xqg_pyserini.train.recipe import TypoMix
from xqg_pyserini.typo.misspell import misspell_query


class VariantSampler:
    """Samples variants of queries.

    Args:
        mix: numbers of typos, typo presets, and how many variants.
        seed: any integer.
    """

    def __init__(self, mix: TypoMix, seed: int) -> None:
        self.mix, self.seed = mix, seed

    def variants(self, query: Query, epoch: int) -> list[str]:
        """``mix.variants`` texts; the clean query is among them where 0 typos were chosen or none was possible."""
        return [self._variant(query, epoch, number) for number in range(self.mix.variants)]

    def _variant(self, query: Query, epoch: int, number: int) -> str:
        key = f"{query.query_id}\x1e{epoch}\x1e{number}"
        digest = blake2b(f"{self.seed}\x1f{query.lang}\x1f{key}".encode(), digest_size=8).digest()
        rng = Random(int.from_bytes(digest))
        typos, preset = rng.choice(self.mix.typos), rng.choice(self.mix.typo_presets)
        return misspell_query(query, typos, self.seed, preset, key, any_language=True)
