"""``transformers serve`` on a tiny model: started, killed and started again at each line of the standard input.

What takes seconds, the imports, is done once; the servers are forked from here.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path


def make_tiny_llama(directory: Path) -> Path:
    """Write a Llama of one layer with random weights, whose tokens are characters, and a chat template."""
    import string

    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    vocabulary = {piece: i for i, piece in enumerate(["<pad>", "</s>", "<unk>", *string.ascii_letters, *" .?:\n"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.decoder = decoders.Fuse()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=4096
    )
    fast.chat_template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=1,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = LlamaForCausalLM(config)
    model.save_pretrained(directory)
    fast.save_pretrained(directory)
    return directory


def start(directory: str, port: int) -> int:
    """A server in a child process."""
    from transformers.cli.serve import Serve

    child = os.fork()
    if child == 0:
        # die with the parent, however that ends (Linux' PR_SET_PDEATHSIG)
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        Serve(force_model=directory, device="cpu", host="127.0.0.1", port=port, log_level="error")
        os._exit(0)
    return child


def main() -> None:
    """Arguments: directory of the model, which is made here, and port."""
    directory, port = make_tiny_llama(Path(sys.argv[1])), int(sys.argv[2])
    # what the server imports when it starts
    import uvicorn  # noqa: F401
    from transformers.cli.serving import chat_completion, completion, server, transcription  # noqa: F401

    child = start(str(directory), port)
    print("started", flush=True)  # noqa: T201
    for _ in sys.stdin:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        child = start(str(directory), port)
        print("started", flush=True)  # noqa: T201
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main()
