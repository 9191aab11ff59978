"""``xqg typo``: misspell topics files, show what happens to one query, list the languages."""

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xqg_pyserini.errors import XqgError
from xqg_pyserini.options import PATH, Decorator, UserMistake, XqgGroup, output_option, overwrite_option
from xqg_pyserini.typo.operators import TYPO_OPERATORS
from xqg_pyserini.typo.options import typo_options

if TYPE_CHECKING:
    from xqg_pyserini.typo.misspell import TypoSettings


@click.group(
    cls=XqgGroup, context_settings={"help_option_names": ["-h", "--help"]},
    epilog='Example: xqg typo show "Missä Kemijoki virtaa?" --language fi',
)  # fmt: skip
def main() -> None:
    """Misspell queries as people do, reproducibly, in the languages of MKQA, XOR-TyDi, AfriQA, XQuAD and NTREX."""


def mix_value(_ctx: click.Context, _param: click.Parameter, value: str | None) -> dict[str, float] | None:
    """Split ``delete=2,wrong_layout=.5`` into operator -> weight."""
    if value is None:
        return None
    try:
        return {name.strip(): float(weight) for name, weight in (part.split("=") for part in value.split(","))}
    except ValueError:
        raise click.BadParameter(f"operator=weight,operator=weight is needed, got {value!r}") from None


def how_options(variants: int) -> Decorator:
    """How to misspell: shared by ``topics`` and ``show``; ``variants`` is the default of ``--variants``."""
    options: list[Decorator] = [
        click.option(
            "--language", metavar="LANGUAGE",
            help="Language of queries that do not state theirs (te, swa, zh-Hant …); xqg typo languages lists all.",
        ),
        typo_options(1),
        click.option(
            "--word-rate", type=click.FloatRange(0, 1), metavar="RATE",
            help="Probability of a typo in each word, from 0 to 1, instead of --typos.",
        ),
        click.option(
            "--mix", metavar="OPERATOR=WEIGHT,…", callback=mix_value,
            help="Operators of the typos and how often each is chosen relative to the others, instead of a preset: "
            f"delete=2,wrong_layout=.5. Operators: {', '.join(TYPO_OPERATORS)}.",
        ),
        click.option(
            "--variants", type=click.IntRange(min=1), default=variants, show_default=True, metavar="N",
            help="Number of differently misspelled variants of each query.",
        ),
    ]  # fmt: skip
    return lambda command: functools.reduce(lambda made, option: option(made), reversed(options), command)


def typo_settings(language: str | None, mix: dict[str, float] | None, **options: Any) -> "TypoSettings":
    """The ``TypoSettings`` that the options of the current command amount to; options that exclude each other fail."""
    from xqg_pyserini.typo.misspell import TypoSettings

    given = click.get_current_context().get_parameter_source
    for winner, loser in (("mix", "typo_preset"), ("word_rate", "typos")):
        if all(given(name) is not click.core.ParameterSource.DEFAULT for name in (winner, loser)):
            names = [f"--{name.replace('_', '-')}" for name in (winner, loser)]
            raise UserMistake(f"{names[0]} replaces {names[1]}: give one of them")
    if mix:
        options["typo_preset"] = mix
    return TypoSettings(language=language, **options)


@main.command()
@click.option(
    "--topics", required=True, multiple=True,
    help="Queries to misspell: TSV (query_id, text), JSON lines, or an ir_datasets id; repeat it to join several.",
)  # fmt: skip
@how_options(variants=1)
@output_option("Topics file to write (.tsv or .tsv.gz); with several variants FILE.1.tsv, FILE.2.tsv …")
@click.option("--edits-output", type=PATH, help="JSON-lines file to write, with every edit, so that it can be undone.")
@overwrite_option
def topics(
    topics: tuple[str, ...], variants: int, output: Path, edits_output: Path | None, overwrite: bool, **how: Any
) -> None:
    """Write misspelled topics files."""
    from xqg_pyserini.data.topics import read_topics
    from xqg_pyserini.typo.typo_sets import write_typo_sets

    queries = [query for source in topics for query in read_topics(source)]
    click.echo(write_typo_sets(queries, output, typo_settings(**how), variants, edits_output, overwrite))


@main.command()
@click.argument("text")
@how_options(variants=5)
@click.option("--id", "query_id", default="show", show_default=True, help="Query id, on which the typos depend.")
def show(text: str, variants: int, query_id: str, **how: Any) -> None:
    """Print misspelled variants of TEXT and the edits that made them."""
    from xqg_pyserini.records import Query
    from xqg_pyserini.typo.misspell import generator_of

    if not how["language"]:
        raise XqgError("a language is needed: give --language (ko, te, sw …; xqg typo languages lists them)")
    generator = generator_of(typo_settings(**how))(Query(query_id, text))
    for query in generator.generate(query_id, text, variants):
        click.echo(f"{query.text}\t{query.describe()}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array of objects instead of a table.")
def languages(as_json: bool) -> None:
    """List the languages that can be misspelled.

    The columns are the code, the name, the script (ISO 15924), the keyboard layout (with the input method where there
    is one), the profile (particular: confusions and marks of the language are known; general: keys, marks and spaces
    as in its script) and the resource tier.
    """
    from xqg_pyserini.typo.known_languages import typo_languages

    rows = [own._asdict() for own in typo_languages()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    click.echo("\n".join("\t".join(row) for row in [rows[0], *(row.values() for row in rows)]))


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.typo")
