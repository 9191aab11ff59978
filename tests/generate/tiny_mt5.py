"""A very small mT5 with a tokenizer of its own: real transformers code in milliseconds, and nonsense as text."""

from collections.abc import Iterable
from pathlib import Path

TEXT = "what which who where when is the a of in by river lake moon built found named joki mikä kuka missä on"
WORDS = TEXT.split()


def make_tiny_mt5(directory: Path, texts: Iterable[str] = (TEXT,), dim: int = 32, seed: int = 0) -> Path:
    """Write an mT5 of two layers with random weights whose tokens are the words of ``texts``; returns ``directory``."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import MT5Config, MT5ForConditionalGeneration, PreTrainedTokenizerFast

    words = dict.fromkeys(word for text in texts for word in text.split())
    vocabulary = {word: number for number, word in enumerate(["<pad>", "</s>", "<unk>", *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=512, **special)
    config = MT5Config(
        vocab_size=len(vocabulary),
        d_model=dim,
        d_kv=dim // 2,
        d_ff=2 * dim,
        num_layers=2,
        num_heads=2,
        dropout_rate=0.0,
        decoder_start_token_id=0,
        pad_token_id=0,
        eos_token_id=1,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = MT5ForConditionalGeneration(config)
        # with transformers' weights one token would have nearly all of the probability
        model.lm_head.weight.data.mul_(0.1)
    model.save_pretrained(directory)
    fast.save_pretrained(directory)
    return directory
