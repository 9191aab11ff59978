"""How fast a sequence-to-sequence checkpoint writes queries here."""

from dataclasses import dataclass
from itertools import cycle, islice
from time import perf_counter

from xqg_pyserini.estimate.measured_texts import MeasuredTexts
from xqg_pyserini.generate import GENERATION_BACKENDS, PROMPTS, Decoding, PromptOptions, Seq2seqOptions
from xqg_pyserini.generate.backends.base import Task
from xqg_pyserini.generate.generation import check_languages
from xqg_pyserini.languages import language

#: Passages whose queries are written first; their time says how many more fit.
_FIRST = 2
#: Prompts that are repeated, and the language of queries where a checkpoint does not say for which it was trained.
_PROMPTS, _LANGUAGE = 64, "ar"


@dataclass(frozen=True)
class GeneratorOptions:
    """A generator of queries.

    Args:
        model: directory or hub id of a sequence-to-sequence checkpoint.
        prompt: name of the prompt.
        queries: queries of a passage and language, which are written together.
        device: a torch device.
        threads: CPU threads; None leaves torch's own choice.
    """

    model: str
    prompt: str = "xqg-mt5"
    queries: int = 5
    device: str = "cpu"
    threads: int | None = None


def generation_speed(options: GeneratorOptions, texts: MeasuredTexts, seconds: float) -> float:
    """Queries that the checkpoint writes a second, over about as many seconds.

    Raises:
        XqgError: no such checkpoint, or it does not know the prompt or the language.
    """
    prompt = PROMPTS.get(options.prompt)(PromptOptions())
    decoding = Decoding(options.queries, max_tokens=prompt.max_tokens)
    settings = Seq2seqOptions(options.model, device=options.device, threads=options.threads)
    backend = GENERATION_BACKENDS.get("seq2seq").open(settings, decoding)
    asked = language((backend.languages() or (_LANGUAGE,))[0])
    check_languages([asked], options.prompt, prompt, backend)
    passages = texts.passages(_PROMPTS)
    prompts = zip(passages, prompt.fill(passages, [asked]), strict=True)
    tasks = (Task(row, passage, asked.code, text) for row, (passage, (text,)) in enumerate(cycle(prompts)))

    def write(number: int) -> float:
        start = perf_counter()
        for _ in backend.generate(islice(tasks, number)):
            pass
        return perf_counter() - start

    first = write(_FIRST)
    number = max(_FIRST, int(_FIRST * (seconds - first) / first))
    return options.queries * number / write(number)
