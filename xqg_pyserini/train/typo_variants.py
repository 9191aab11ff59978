"""Variants of the training queries: the same for the same seed, epoch and query, whatever the order."""

from hashlib import blake2b
from random import Random

from xqg_pyserini.records import Query
from xqg_pyserini.train.recipe import TypoMix
from xqg_pyserini.typo.misspell import misspell_query


def sample_variants(query: Query, mix: TypoMix, seed: int, epoch: int) -> list[str]:
    """``mix.variants`` texts; the clean query is among them where 0 typos were chosen or none was possible."""
    variants = []
    for number in range(mix.variants):
        key = f"{query.query_id}\x1e{epoch}\x1e{number}"
        digest = blake2b(f"{seed}\x1f{query.lang}\x1f{key}".encode(), digest_size=8).digest()
        rng = Random(int.from_bytes(digest))
        typos, preset = rng.choice(mix.typos), rng.choice(mix.typo_presets)
        variants.append(misspell_query(query, typos, seed, preset, key, any_language=True))
    return variants
