"""How near the vectors of a backend are to those of PyTorch in 32 bits, measured once for each checkpoint."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np

from xqg_pyserini.encode.backends.base import BACKENDS, Runtime
from xqg_pyserini.encode.backends.model_export import cached_directory
from xqg_pyserini.encode.batches import Batch, pad
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.encode.tokens import load_tokenizer
from xqg_pyserini.errors import XqgError
from xqg_pyserini.files import read_json, write_json

logger = logging.getLogger(__name__)

#: Changes when what is measured changes.
_BUILD = 1
_FILE = "cosine.json"
#: Texts in many scripts, as queries and passages are: bare words, questions, sentences.
_TEXTS = (
    "moon",
    "Vesuvius 79",
    "Who wrote the first grammar of Finnish, and when was it printed?",
    "Mikä on Vesuviuksen korkeus merenpinnasta?",
    "¿Cuántos habitantes tenía Lima en 1940?",
    "Mto mrefu kuliko yote barani Afrika ni upi?",
    "Какая река самая длинная в Европе?",
    "ما هي عاصمة كازاخستان الحالية؟",
    "世界で一番深い湖はどこですか。",
    "भारत का सबसे बड़ा राज्य कौन सा है?",
    "বাংলাদেশের দীর্ঘতম নদী কোনটি?",
    "ภูเขาไฟลูกใดสูงที่สุดในโลก",
    "The moon keeps one face towards the earth because its rotation and its orbit take the same time. Tides slowed "
    "its rotation long ago; the earth's own rotation is slowed in the same way, by two milliseconds in a century. "
    "Reflectors that were left on its surface in 1969 show that it moves away by 38 millimetres in a year. ",
)
_LENGTH = 128


def lowest_cosine(checkpoint: Checkpoint, name: str, runtime: Runtime) -> float:
    """The lowest cosine between vectors of a backend and those of ``torch``; 0 where the backend cannot run the model.

    Measured on the first call, with the settings that the checkpoint states, and kept in the cache.

    Raises:
        EncoderNotFoundError: the checkpoint cannot be loaded.
    """
    device = runtime.device.partition(":")[0]

    def measure(directory: Path) -> None:
        write_json(directory / _FILE, {"backend": name, "cosine": _measure(checkpoint, name, runtime)})

    directory = cached_directory("exactness", checkpoint, f"{device}-{name}-{_BUILD}", measure)
    return float(read_json(directory / _FILE)["cosine"])


def _measure(checkpoint: Checkpoint, name: str, runtime: Runtime) -> float:
    logger.info("comparing backend %s with torch (once for %s)", name, checkpoint.name)
    tokenizer = load_tokenizer(checkpoint)
    batches = [pad([ids], tokenizer.pad_id) for ids in tokenizer.encode(_TEXTS, _LENGTH)]
    exact = _vectors(checkpoint, "torch", runtime, batches)
    try:
        near = _vectors(checkpoint, name, runtime, batches)
    except XqgError as error:
        logger.info("%s", error)
        return 0.0
    lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(near, axis=1)
    # 16 bits that overflow give no number at all, which is not exact
    return float(np.nan_to_num((exact * near).sum(axis=1) / lengths).min())


def _vectors(checkpoint: Checkpoint, name: str, runtime: Runtime, batches: list[Batch]) -> np.ndarray:
    backend = BACKENDS.get(name).load(checkpoint, replace(runtime, backend=name))
    return np.concatenate(backend.encode(batches, checkpoint.settings))
