"""``xqg data``: list, show, fetch and export data sets."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from xqg_pyserini.options import UserMistake, XqgGroup, output_option, overwrite_option

if TYPE_CHECKING:
    from xqg_pyserini.data.catalog.families import Part

TIERS = click.Choice(["high", "mid", "low"])
FETCHED = click.Choice(["docs", "queries", "qrels", "docpairs"])
EXPORTED = click.Choice(["docs", "queries", "qrels", "answers"])


def _show_list(parts: "list[Part]") -> None:
    for part in parts:
        own = part.language
        click.echo(f"{part.dataset_id}\t{own.name}\t{own.tier}" if own else f"{part.dataset_id}\t-\t-")


@click.group(cls=XqgGroup)
def main() -> None:
    """List, show, fetch and export data sets (ours and all of ir_datasets)."""


@main.command("list")
@click.option("--language", metavar="LANGUAGE", help="List only this language: te, tel, zh_cn, zh-Hans …")
@click.option("--tier", type=TIERS, help="List only languages of this resource tier.")
@click.option("--suite", metavar="NAME", help="List only the members of this suite (see: xqg data suites).")
@click.option("--all", "everything", is_flag=True, help="List every id that ir_datasets knows, without languages.")
def list_command(language: str | None, tier: str | None, suite: str | None, everything: bool) -> None:
    """List data sets: id, language, tier.

    Example: xqg data list --tier low --language te
    """
    from xqg_pyserini.data.listing import all_ids, list_datasets

    if everything:
        if language or tier or suite:
            raise UserMistake("--all stands alone: ir_datasets does not record languages and tiers")
        click.echo("\n".join(all_ids()))
    else:
        _show_list(list_datasets(language, tier, suite))  # type: ignore[arg-type]


@main.command()
@click.argument("name", required=False)
def suites(name: str | None) -> None:
    """List the suites, or the members of one: id, language, tier.

    Example: xqg data suites xmir-low
    """
    from xqg_pyserini.data.listing import list_datasets
    from xqg_pyserini.data.suites import SUITES

    if name:
        _show_list(list_datasets(suite=name))
    else:
        click.echo("\n".join(f"{known}\t{len(members)} data sets" for known, members in SUITES.items()))


@main.command()
@click.argument("dataset_id", metavar="ID")
def show(dataset_id: str) -> None:
    """Show counts, fields, licence, citation and files of a data set.

    Example: xqg data show mkqa/km/bge
    """
    from xqg_pyserini.data.listing import describe_dataset

    for heading, text in describe_dataset(dataset_id):
        click.echo(f"{heading:<10}{text}")


@main.command()
@click.argument("dataset_id", metavar="ID")
@click.option(
    "--kind", "kinds", type=FETCHED, multiple=True, help="Fetch only these records; may be repeated.  [default: all]"
)
def fetch(dataset_id: str, kinds: tuple[str, ...]) -> None:
    """Fetch and verify the files of a data set, or of the members of a suite.

    Example: xqg data fetch xor-tydi/dev/te --kind queries
    """
    from xqg_pyserini.data.listing import KINDS, fetch_dataset

    for kind, where in fetch_dataset(dataset_id, kinds or KINDS):
        click.echo(f"{kind}\t{where}")


@main.command()
@click.argument("source", metavar="ID")
@click.option("--kind", type=EXPORTED, required=True, help="Which records are written.")
@output_option("File to write; a name that ends in .gz is compressed.")
@overwrite_option
def export(source: str, kind: str, output: Path, overwrite: bool) -> None:
    """Write a data set or a suite to a file.

    Documents become Pyserini's JSON lines, queries TSV topics, judgements TREC qrels, answers JSON lines of id, lang,
    text and answers.

    Example: xqg data export mkqa/km/bge --kind queries --output topics.tsv
    """
    from xqg_pyserini.data.export import export_records

    count = export_records(source, kind, output, overwrite)
    click.echo(f"{count:,} {kind} written to {output}")


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def irds(arguments: tuple[str, ...]) -> None:
    """Run the command line of ir_datasets with our data sets known.

    Example: xqg data irds export xor-tydi/dev/te queries. For its own help: xqg data irds -- export --help
    """
    from xqg_pyserini.data.sources import run_irds

    run_irds(list(arguments))


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.data")
