"""``xqg typo``: misspell topics; ``xqg typo show``: see what would happen to one query."""

from pathlib import Path
from typing import Any

import click

from xqg_pyserini.errors import XqgError
from xqg_pyserini.options import PATH, Decorator, XqgGroup, overwrite_option


def mix_value(_ctx: click.Context, _param: click.Parameter, value: str | None) -> dict[str, float] | None:
    """``delete=2,wrong_layout=.5`` as operator -> weight."""
    if value is None:
        return None
    try:
        pairs = [part.split("=") for part in value.split(",")]
        return {name.strip(): float(weight) for name, weight in pairs}
    except ValueError:
        raise click.BadParameter(f"{value!r} is not of the form operator=weight,operator=weight") from None


def slip_options(command: Any) -> Any:
    """How to misspell: shared by both commands."""
    options: list[Decorator] = [
        click.option(
            "--lang", help="Language of the queries: te, swa, zh-Hant …; where the topics say it, not needed."
        ),
        click.option("--preset", default="natural", show_default=True, help="natural, keyboard or textattack."),
        click.option("--mix", callback=mix_value, help="Operators and weights instead: delete=2,wrong_layout=.5"),
        click.option("--edits", type=int, default=1, show_default=True, help="Slips per query."),
        click.option("--word-rate", type=float, help="Instead of --edits: chance of a slip per word, 0 to 1."),
        click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same bytes."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group(
    cls=XqgGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]},
    epilog='See one query first: xqg typo show "대한민국의 수도는?" --lang ko',
)  # fmt: skip
@click.option("--topics", help="TSV (query_id, text), JSON lines, or an ir_datasets id.")
@slip_options
@click.option("--variants", type=int, default=1, show_default=True, help="Misspelt sets: FILE.1.tsv, FILE.2.tsv …")
@click.option("--output", type=PATH, help="Topics file to write (.tsv or .tsv.gz).")
@click.option("--edits-output", type=PATH, help="JSON-lines file to write: every edit, reversible.")
@overwrite_option
@click.pass_context
def main(
    ctx: click.Context,
    topics: str | None,
    lang: str | None,
    preset: str,
    mix: dict[str, float] | None,
    edits: int,
    word_rate: float | None,
    seed: int,
    variants: int,
    output: Path | None,
    edits_output: Path | None,
    overwrite: bool,
) -> None:
    """Misspell topics as people do, reproducibly, in every language of MKQA, XOR-TyDi and AfriQA."""
    if ctx.invoked_subcommand is not None:
        return
    if topics is None or output is None:
        raise click.UsageError("--topics and --output are needed (or: xqg typo show TEXT --lang LANG)")
    from xqg_pyserini.data.topics import read_topics
    from xqg_pyserini.typo.misspell import GeneratorByLanguage
    from xqg_pyserini.typo.typo_sets import write_typo_sets

    generators = GeneratorByLanguage(lang, mix or preset, edits, word_rate, seed)
    report = write_typo_sets(read_topics(topics), generators, variants, output, edits_output, overwrite)
    for line in report.lines():
        click.echo(line)


@main.command()
@click.argument("text")
@slip_options
@click.option("--variants", type=int, default=5, show_default=True, help="How many to show.")
@click.option("--id", "query_id", default="show", show_default=True, help="The query id that the draw depends on.")
def show(
    text: str,
    lang: str | None,
    preset: str,
    mix: dict[str, float] | None,
    edits: int,
    word_rate: float | None,
    seed: int,
    variants: int,
    query_id: str,
) -> None:
    """Print misspelt variants of TEXT and what happened to them."""
    from xqg_pyserini.typo.generator import TypoGenerator
    from xqg_pyserini.typo.typo_sets import description

    if not lang:
        raise XqgError("a language is needed: give --lang (ko, te, swa …)")
    generator = TypoGenerator(lang, mix or preset, edits, word_rate, seed)
    for query in generator.generate(query_id, text, variants):
        click.echo(f"{query.text}\t{description(query)}")


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.typo")
