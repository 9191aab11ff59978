"""``xqg estimate``: what the stages take for a corpus of some size."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, override

import click
from click.core import ParameterSource

from xqg_pyserini.errors import XqgError
from xqg_pyserini.options import (
    PATH,
    RegisteredName,
    UserMistake,
    XqgCommand,
    backend_option,
    batch_size_option,
    check_needed,
    device_option,
    dtype_option,
    threads_option,
)

if TYPE_CHECKING:
    from xqg_pyserini.estimate import Estimate, Machine, Workload

_GB = 10**9
#: Options that say how this machine is measured.
_MEASURED = (
    "encoder", "backend", "batch_size", "batch_tokens", "threads", "device", "generator", "prompt", "output",
)  # fmt: skip


class _Count(click.ParamType):
    """A number such as ``18M``."""

    name = "number"

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from xqg_pyserini.estimate.amounts import parse_count

        if isinstance(value, int):
            return value
        try:
            return parse_count(value)
        except XqgError as error:
            place = f"{max(param.opts, key=len)} " if param else ""
            raise UserMistake(f"{place}{error}") from None


_from_one = click.IntRange(min=1)
_above_zero = click.FloatRange(min=0, min_open=True)


@click.command(cls=XqgCommand)
@click.option("--passages", type=_Count(), required=True, help="Number of passages, such as 20000, 18M or 1.5B.")
@click.option(
    "--queries-per-passage",
    type=click.IntRange(min=0),
    default=35,
    show_default=True,
    help="Generated queries of each passage, those of all languages together; 0 for a base index alone.",
)
@click.option(
    "--languages", type=_from_one, default=7, show_default=True, help="Number of languages of the generated queries."
)
@click.option(
    "--workers",
    type=_from_one,
    default=1,
    show_default=True,
    help="Machines or GPUs that share the work, each as fast as the measured one.",
)
@dtype_option("float32")
@click.option("--no-texts", is_flag=True, help="Count no passages beside the vectors.")
@click.option("--keep-components", is_flag=True, help="Count each language's share of every vector.")
@click.option(
    "--passage-tokens",
    type=_above_zero,
    default=None,
    help="Mean tokens of a passage.  [default: those of the sample collection]",
)
@click.option(
    "--query-tokens",
    type=_above_zero,
    default=None,
    help="Mean tokens of a query.  [default: those of the sample collection]",
)
@click.option("--encoder", default="embedded", show_default=True, help="Dual encoder to measure, as for `xqg encode`.")
@backend_option
@batch_size_option
@click.option(
    "--batch-tokens",
    type=_from_one,
    default=None,
    help="Largest number of tokens encoded at once, padding included.  [default: 512 on a CPU, 32768 on a GPU]",
)
@threads_option
@device_option
@click.option(
    "--generator",
    default=None,
    help="Checkpoint of the query generator to measure too, a directory or hub id.  [default: none]",
)
@click.option(
    "--prompt",
    type=RegisteredName("xqg_pyserini.generate.prompts:PROMPTS"),
    default="xqg-mt5",
    show_default=True,
    help="What the generator is given for a passage.",
)
@click.option(
    "--output",
    type=PATH,
    default=Path(),
    help="Folder where the indexes will be written, whose disk is measured.  [default: the working directory]",
)
@click.option(
    "--machine",
    default=None,
    metavar="NAME|FILE",
    help="Measure nothing and take the speeds of another machine: a file of --json, or a name in docs/scale.md.",
)
@click.option("--worker-price", type=_above_zero, default=None, help="Price of an hour of a worker.  [default: none]")
@click.option(
    "--node-memory",
    type=_above_zero,
    default=None,
    help="GB of memory of a machine that serves; shows how many of them each kind of index takes.  [default: none]",
)
@click.option("--node-price", type=_above_zero, default=None, help="Price of an hour of such a machine.")
@click.option("--replicas", type=_from_one, default=1, show_default=True, help="Copies of each part of a served index.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object, bytes and seconds in full.")
def main(
    passages: int,
    queries_per_passage: int,
    languages: int,
    workers: int,
    dtype: str,
    no_texts: bool,
    keep_components: bool,
    passage_tokens: float | None,
    query_tokens: float | None,
    machine: str | None,
    worker_price: float | None,
    node_memory: float | None,
    node_price: float | None,
    replicas: int,
    as_json: bool,
    **measured: Any,
) -> None:
    """Estimate time, disk and memory of all stages, from the speeds of this machine, measured in ten seconds.

    Example: xqg estimate --passages 18M --queries-per-passage 35 --languages 7
    """
    check_needed({"prompt": "generator", "node_price": "node_memory", "replicas": "node_memory"})
    from xqg_pyserini.estimate import Workload, estimate_stages, read_machine
    from xqg_pyserini.estimate.estimate_text import Prices, estimate_as_text

    workload = Workload(
        passages, queries_per_passage, languages, dtype=dtype, texts=not no_texts, components=keep_components,
        workers=workers,
    )  # fmt: skip
    workload.check()
    if machine is None:
        speeds = _measure(workload, passage_tokens, query_tokens, **measured)
    else:
        _refuse_measuring()
        speeds = read_machine(machine).at_lengths(passage_tokens, query_tokens)
    estimate = estimate_stages(workload, speeds)
    if as_json:
        click.echo(json.dumps(_as_json(estimate), ensure_ascii=False, indent=2))
    else:
        prices = Prices(worker_price, node_memory and node_memory * _GB, node_price, replicas)
        click.echo(estimate_as_text(estimate, prices))
    if machine is None:
        for warning in _shortages(estimate, measured["output"]):
            click.echo(warning, err=True)


def _refuse_measuring() -> None:
    """Refuse options on how this machine is measured where another one's speeds are taken."""
    context = click.get_current_context()
    spelled = {param.name: max(param.opts, key=len) for param in context.command.params}
    for name in _MEASURED:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UserMistake(f"{spelled[name]} says what is measured here, and --machine measures nothing: drop one")


def _measure(
    workload: "Workload",
    passage_tokens: float | None,
    query_tokens: float | None,
    output: Path,
    generator: str | None,
    prompt: str,
    encoder: str,
    **runtime: Any,
) -> "Machine":
    """The speeds of this machine for the texts of the workload."""
    if not output.is_dir():
        raise XqgError(f"{output}: no such folder, and its disk is to be measured: name one that is there")
    from xqg_pyserini.encode import TextEncoder
    from xqg_pyserini.estimate import MeasureOptions, measure_machine
    from xqg_pyserini.estimate.measured_generator import GeneratorOptions

    text_encoder = TextEncoder(encoder, **runtime)
    per_language = max(1, round(workload.queries_per_passage / workload.languages))
    where = {name: runtime[name] for name in ("device", "threads")}
    named = GeneratorOptions(generator, prompt, queries=per_language, **where) if generator else None
    options = MeasureOptions(
        queries_per_passage=workload.queries_per_passage,
        languages=workload.languages,
        passage_tokens=passage_tokens,
        query_tokens=query_tokens,
        folder=output,
        generator=named,
    )
    return measure_machine(text_encoder, options)


def _shortages(estimate: "Estimate", output: Path) -> Iterator[str]:
    """What this machine lacks for the work, a sentence each."""
    from xqg_pyserini.estimate.amounts import bytes_text

    free = shutil.disk_usage(output).free
    if estimate.disk > free:
        yield f"the disk of {output.resolve()} has {bytes_text(free)} left, {bytes_text(estimate.disk)} are needed"


def _as_json(estimate: "Estimate") -> dict[str, Any]:
    """The estimate as JSON values, seconds and bytes in full; ``machine`` is what --machine reads."""
    from xqg_pyserini.estimate import find_alternatives, list_index_kinds
    from xqg_pyserini.estimate.estimate_text import notes

    workload, machine = estimate.workload, estimate.machine
    return {
        "workload": asdict(workload),
        "machine": machine.to_dict(),
        "stages": [asdict(stage) for stage in estimate.stages],
        "seconds": estimate.seconds,
        "disk": estimate.disk,
        "memory": estimate.memory,
        "cheaper": [
            {"change": one.change, "how": one.how, "seconds": one.estimate.seconds, "disk": one.estimate.disk}
            for one in find_alternatives(workload, machine)
        ],
        "kinds": [asdict(kind) for kind in list_index_kinds(workload.passages, machine.dim)],
        "notes": list(notes(estimate)),
    }


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.estimate")
