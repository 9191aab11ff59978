"""Tiny checkpoints with random weights of the architectures that recipes start from."""

from pathlib import Path
from typing import Any

from tests.tiny_encoder import make_tiny_encoder


def make_architecture(name: str, directory: Path) -> Path:
    """Write a checkpoint of ``bert``, ``xlm-roberta``, ``mt5`` or ``canine``; returns ``directory``."""
    make_tiny_encoder(directory)
    if name == "bert":
        return directory
    import torch
    from transformers import AutoTokenizer, CanineTokenizer

    size = len(AutoTokenizer.from_pretrained(directory))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = {"xlm-roberta": _xlm_roberta, "mt5": _mt5, "canine": _canine}[name](size)
    if name == "canine":
        for path in directory.glob("tokenizer*"):
            path.unlink()
        CanineTokenizer(model_max_length=64).save_pretrained(directory)
    model.save_pretrained(directory)
    return directory


def _xlm_roberta(size: int) -> Any:
    from transformers import XLMRobertaConfig, XLMRobertaModel

    sizes = {"vocab_size": size, "hidden_size": 32, "intermediate_size": 64, "max_position_embeddings": 132}
    layers = {"num_hidden_layers": 2, "num_attention_heads": 2}
    return XLMRobertaModel(XLMRobertaConfig(pad_token_id=0, **sizes, **layers))


def _mt5(size: int) -> Any:
    from transformers import MT5Config, MT5EncoderModel

    return MT5EncoderModel(MT5Config(vocab_size=size, d_model=32, d_kv=16, d_ff=64, num_layers=2, num_heads=2))


def _canine(_: int) -> Any:
    from transformers import CanineConfig, CanineModel

    layers = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64, "num_hash_buckets": 64}
    return CanineModel(CanineConfig(hidden_size=32, max_position_embeddings=128, **layers))
