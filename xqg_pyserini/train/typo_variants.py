"""Fresh misspellings of the training queries: the same for the same seed, epoch and query, whatever the order."""

from functools import cache
from hashlib import blake2b
from random import Random

from xqg_pyserini.records import Query
from xqg_pyserini.train.recipe import TypoMix
from xqg_pyserini.typo import TypoGenerator

#: The literature's generator knows English only, and is used on other languages as it is.
_ENGLISH_ONLY = "textattack"


class Misspeller:
    """Draws variants of queries.

    Args:
        mix: presets, slips per variant, and how many variants.
        seed: any integer.
    """

    def __init__(self, mix: TypoMix, seed: int) -> None:
        self.mix, self.seed = mix, seed

    def variants(self, query: Query, epoch: int) -> list[str]:
        """``mix.variants`` texts; the clean query is among them where 0 slips were drawn or none was possible."""
        return [self._variant(query, epoch, number) for number in range(self.mix.variants)]

    def _variant(self, query: Query, epoch: int, number: int) -> str:
        draw = f"{query.query_id}\x1e{epoch}\x1e{number}"
        key = f"{self.seed}\x1f{query.lang}\x1f{draw}".encode()
        rng = Random(int.from_bytes(blake2b(key, digest_size=8).digest()))
        edits, preset = rng.choice(self.mix.edits), rng.choice(self.mix.presets)
        return misspell(query, preset, edits, self.seed, draw)


def misspell(query: Query, preset: str, edits: int, seed: int, draw: str = "") -> str:
    """The text of a query with ``edits`` slips; fewer where it does not have room for so many.

    Args:
        query: with its language.
        preset: of the typo generator.
        edits: slips.
        seed: any integer.
        draw: tells draws for one query apart; its id where empty.
    """
    if edits == 0:
        return query.text
    return _generator(query.lang, preset, edits, seed).generate(draw or query.query_id, query.text)[0].text


@cache
def _generator(lang: str, preset: str, edits: int, seed: int) -> TypoGenerator:
    return TypoGenerator("en" if preset == _ENGLISH_ONLY else lang, preset, edits, seed=seed)
