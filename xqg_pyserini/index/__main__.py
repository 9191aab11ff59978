"""``xqg index``: everything that makes one index out of another."""

from pathlib import Path
from typing import Any

import click

from xqg_pyserini.files import check_output_directory
from xqg_pyserini.layouts import INDEX_FILES
from xqg_pyserini.options import (
    PATH,
    XqgGroup,
    batch_size_option,
    device_option,
    encoder_settings_options,
    languages_value,
    output_option,
    overwrite_option,
    threads_option,
)


@click.group(cls=XqgGroup)
def main() -> None:
    """Make one index out of another."""


@main.command()
@click.option(
    "--index", "index", type=PATH, required=True, help="Index directory to augment (any Pyserini Faiss index)."
)
@click.option(
    "--queries", type=PATH, required=True, multiple=True, help="Generated queries, JSONL or JSONL.GZ; may be repeated."
)
@output_option("Index directory to write.")
@click.option(
    "--rule",
    default=None,
    help="sum (the paper's), mean or mean-norm.  [default: mean-norm for unit-length vectors, else mean]",
)
@click.option("--alpha", type=float, default=None, help="Weight of the queries, 0-1.  [default: 0.3; 0.01 for sum]")
@click.option("--languages", callback=languages_value, default=None, help="Use only these, e.g. ar,bn.  [default: all]")
@click.option("--strict", is_flag=True, help="Fail on queries of passages that the index does not hold.")
@click.option("--encoder", default=None, help="Encoder of the queries.  [default: the index's]")
@batch_size_option
@threads_option
@device_option
@encoder_settings_options("query")
@overwrite_option
def augment(
    index: Path,
    queries: tuple[Path, ...],
    output: Path,
    rule: str | None,
    alpha: float | None,
    languages: tuple[str, ...] | None,
    strict: bool,
    encoder: str | None,
    batch_size: int,
    threads: int | None,
    device: str,
    overwrite: bool,
    **settings: Any,
) -> None:
    """Mix the vectors of generated queries into the vectors of their passages (xQG).

    Queries are rows {"docid", "lang", "text"} or {"docid", "generated_queries": {lang: [text, ...]}}.

    Example: xqg index augment --index indexes/sample --queries queries.jsonl --output indexes/sample-xqg
    """
    from xqg_pyserini.index.rules import RULES, default_rule

    check_output_directory(output, overwrite, INDEX_FILES)
    chosen = None if rule is None else RULES.get(rule)

    from xqg_pyserini.data.generated import read_generated
    from xqg_pyserini.encode.for_index import EncoderChoice, encoder_for_index
    from xqg_pyserini.index.augment import AugmentOptions, AugmentSource, augment_index
    from xqg_pyserini.index.base_vectors import BaseVectors

    dim = BaseVectors(index).header.dim
    choice = EncoderChoice(encoder, settings, device, batch_size, threads)
    text_encoder = encoder_for_index(index, dim, choice)
    rule = rule or default_rule(text_encoder.settings.normalize)
    alpha = alpha if alpha is not None else (chosen or RULES.get(rule)).default_alpha
    source = AugmentSource(
        index=index,
        queries=lambda: read_generated(queries),
        encode=text_encoder.encode_queries,
        name=" ".join(map(str, queries)),
        encoder=text_encoder.describe(),
    )
    report = augment_index(source, output, AugmentOptions(rule, alpha, languages), overwrite, strict)
    _echo(output, report, rule, alpha)


def _echo(output: Path, report: Any, rule: str, alpha: float) -> None:
    census = report.census
    click.echo(
        f"{output}: {census.passages} of {report.passages} passages augmented with {census.used} queries "
        f"in {len(census.languages)} languages (rule {rule}, alpha {alpha:g})"
    )
    if census.unknown:
        click.echo(
            f"{census.unknown} queries of unknown passages left out, for example {', '.join(census.unknown_examples)}",
            err=True,
        )


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.index")
