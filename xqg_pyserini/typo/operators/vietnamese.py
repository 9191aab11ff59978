"""Typos of the Telex input method, in the keys that set marks."""

from typing import override

from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, Operator
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.scripts.telex import TELEX, TONES, tone_of
from xqg_pyserini.typo.words import Word


@TYPO_OPERATORS.register("telex_key")
class TelexKey(Operator):
    """A mark key typed twice, which shows it as a letter (vieetjj gives viêtj), or the wrong tone key."""

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        keys, tone = TELEX.to_keys(word.text), tone_of(word.text)
        if not keys or keys == word.text:
            return None
        options = [keys + keys[-1]] if tone else []
        options += [keys[: i + 1] + keys[i:] for i in range(1, len(keys)) if keys[i] in "wd" or keys[i] == keys[i - 1]]
        options += [keys[:-1] + other for other in TONES if tone and other != tone]
        if not options:
            return None
        typed = rng.choose(options)
        return Change(0, len(word.text), TELEX.to_text(typed), "Telex key", keys, typed)
