"""Encoder-decoder checkpoints such as mT5, run by transformers in this process."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import batched
from typing import Any, Literal, cast, override

from xqg_pyserini.encode.batches import BatchLimits, batches_by_length
from xqg_pyserini.encode.fingerprint import weights_hash
from xqg_pyserini.generate.backends.base import (
    GENERATION_BACKENDS,
    BackendKind,
    Completion,
    Decoding,
    GenerationBackend,
    Task,
    Written,
    sample_seed,
)
from xqg_pyserini.generate.checkpoints import find_generator, load_generator
from xqg_pyserini.generate.store import Completions

#: Batches that are sorted by length together, and written together.
_BATCHES = 8
_DTYPES = {"fp32": "float32", "bf16": "bfloat16"}


@dataclass(frozen=True)
class Seq2seqOptions:
    """A checkpoint and how it is run.

    Args:
        model: directory or hub id of the checkpoint.
        precision: ``fp32``, whose texts are the same for any batch, or ``bf16``, whose texts are not where two tokens
            are nearly as likely.
        batch_size: largest number of prompts at once; each takes as much memory as its samples need.
        max_input: tokens to which a prompt is cut, from its end.
        device: a torch device.
        threads: CPU threads; None leaves torch's own choice.
    """

    model: str
    precision: Literal["fp32", "bf16"] = "fp32"
    batch_size: int = 32
    max_input: int = 256
    device: str = "cpu"
    threads: int | None = None


class Seq2seqBackend(GenerationBackend):
    """Samples of an encoder-decoder model, each seeded by passage, language and number.

    Raises:
        XqgError: no such checkpoint, or not of an encoder-decoder model.
    """

    in_shards = True

    def __init__(self, options: Seq2seqOptions, decoding: Decoding) -> None:
        self.options, self.decoding = options, decoding
        self.generator = find_generator(options.model)
        self.stride = options.batch_size * _BATCHES
        self._load()

    def _load(self) -> None:
        from xqg_pyserini.encode.backends.base import check_device
        from xqg_pyserini.generate.sampling import Seq2seqSampler, TokenSampler

        check_device(self.options.device)
        if self.options.threads is not None:
            import torch

            torch.set_num_threads(self.options.threads)
        self.tokenizer, model = load_generator(self.generator, _DTYPES[self.options.precision])
        tokens = TokenSampler(self.decoding.top_k, self.decoding.temperature)
        self._sampler = Seq2seqSampler(
            model.to(self.options.device).eval(), tokens, cast(int, self.decoding.max_tokens)
        )

    @override
    def languages(self) -> tuple[str, ...] | None:
        return self.generator.languages

    @override
    def trained_prompt(self) -> str | None:
        return self.generator.prompt

    @override
    def describe(self) -> dict[str, Any]:
        kept = asdict(self.options)
        # a name, a device or the number of threads changes no text
        for name in ("device", "threads", *(["batch_size"] if self.options.precision == "fp32" else [])):
            kept.pop(name)
        return kept | {"weights": weights_hash(self.generator.directory)}

    @override
    def generate(self, tasks: Iterable[Task], kept: Completions | None = None) -> Generator[Written]:
        for chunk in batched(tasks, self.stride):
            yield from self._chunk(chunk)

    def _chunk(self, tasks: tuple[Task, ...]) -> Iterator[Written]:
        prompts = [task.prompt for task in tasks]
        ids = self.tokenizer(prompts, truncation=True, max_length=self.options.max_input)["input_ids"]
        limits = BatchLimits(self.options.batch_size, self.options.batch_size * self.options.max_input)
        found: dict[int, list[Completion]] = {}
        for rows in batches_by_length([len(one) for one in ids], limits):
            for row, texts in zip(rows, self._batch([tasks[i] for i in rows], [ids[i] for i in rows]), strict=True):
                found[row] = texts
        for row, task in enumerate(tasks):
            yield Written(task, found[row])

    def _batch(self, tasks: list[Task], ids: list[list[int]]) -> Iterator[list[Completion]]:
        import torch

        seed, samples = self.decoding.seed, range(self.decoding.queries)
        seeds = [
            [sample_seed(seed, task.passage.doc_id, task.language, sample) for sample in samples] for task in tasks
        ]
        for texts in self._sampler.sample(ids, torch.tensor(seeds)):
            yield [self._completion(tokens) for tokens in texts]

    def _completion(self, tokens: list[int]) -> Completion:
        text = str(self.tokenizer.decode(tokens, skip_special_tokens=True)).strip()
        ended = self.tokenizer.eos_token_id in tokens
        return Completion(text, "" if ended else "cut at the largest number of tokens")


GENERATION_BACKENDS.register("seq2seq")(BackendKind(Seq2seqOptions, Seq2seqBackend))
