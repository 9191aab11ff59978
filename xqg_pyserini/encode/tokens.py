"""Texts to token ids without transformers: what its tokenizer does is kept in the cache, for ``tokenizers`` to read.

transformers decides from a checkpoint's files which tokenizer it is and how it is set up, and takes seconds to import.
It is asked once; the parity of what is kept with what it does is tested.
"""

import hashlib
import logging
import threading
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.files import cache_home, read_json, write_json
from xqg_pyserini.storage.built_once import built_once

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenizers import Tokenizer

logger = logging.getLogger(__name__)

#: Token ids of texts.
Tokens = list[list[int]]

_BUILD = 1
_TOKENIZER, _FACTS = "tokenizer.json", "facts.json"


class TextTokenizer:
    """The tokenizer of a checkpoint.

    Args:
        tokenizer: without padding; how it cuts is set by each call.
        facts: ``pad_id`` and ``truncation_side``, as transformers has them.
    """

    def __init__(self, tokenizer: "Tokenizer", facts: dict[str, Any]) -> None:
        self._tokenizer, self._side = tokenizer, facts["truncation_side"]
        self.pad_id: int = facts["pad_id"]
        self._lock = threading.Lock()

    def encode(self, texts: "Sequence[str]", max_length: int) -> Tokens:
        """Token ids with special tokens, cut to ``max_length``. May be called from any thread."""
        # a tokenizer keeps the length it cuts at, and may not be told another while it is in use
        with self._lock:
            self._tokenizer.enable_truncation(max_length, direction=self._side)
            return [found.ids for found in self._tokenizer.encode_batch_fast(list(texts))]


class _SlowTokenizer:
    """A tokenizer that transformers runs in Python (Japanese BERT's, for one)."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self.pad_id: int = tokenizer.pad_token_id or 0

    def encode(self, texts: "Sequence[str]", max_length: int) -> Tokens:
        """See ``TextTokenizer.encode``."""
        ids: Tokens = self._tokenizer(list(texts), truncation=True, max_length=max_length)["input_ids"]
        return ids


#: What turns texts into token ids.
Tokenises = TextTokenizer | _SlowTokenizer


def load_tokenizer(checkpoint: Checkpoint) -> Tokenises:
    """The tokenizer of a checkpoint; transformers is loaded for it on the first call alone.

    Raises:
        EncoderNotFoundError: there is none that transformers can load.
    """
    target = cache_home() / "tokenizers" / f"{_files_hash(checkpoint)}-{_BUILD}"
    if not target.is_dir():
        loaded = checkpoint.load_tokenizer()
        if not loaded.is_fast:
            return _SlowTokenizer(loaded)
        logger.info("keeping the tokenizer of %s (once)", checkpoint.name)
        built_once(target, lambda directory: _keep(loaded, directory))
    from tokenizers import Tokenizer

    return TextTokenizer(Tokenizer.from_file(str(target / _TOKENIZER)), read_json(target / _FACTS))


def _keep(loaded: Any, directory: Path) -> None:
    tokenizer = loaded.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(directory / _TOKENIZER), pretty=False)
    # a model without padding has never seen one, and the mask hides it anyway
    write_json(directory / _FACTS, {"pad_id": loaded.pad_token_id or 0, "truncation_side": loaded.truncation_side})


def _files_hash(checkpoint: Checkpoint) -> str:
    """Of all that a tokenizer depends on: the files that name one, and how the installed transformers reads them."""
    digest = hashlib.sha256(version("transformers").encode())
    for path in sorted({*checkpoint.tokenizer_files(), checkpoint.directory / "config.json"}):
        digest.update(f"{path.name} {path.stat().st_size}\n".encode())
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:32]
