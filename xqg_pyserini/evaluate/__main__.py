"""``xqg evaluate``: score TREC runs."""

from pathlib import Path

import click

from xqg_pyserini.options import PATH, XqgCommand


@click.command(cls=XqgCommand)
@click.option("--qrels", required=True, help="TREC judgements (plain or .gz), or an ir_datasets id.")
@click.option("--run", "runs", type=PATH, multiple=True, required=True, help="A TREC run; give it once for each run.")
@click.option("--metrics", default="mrr@10 recall@100", show_default=True, help="Metrics, separated by blanks.")
@click.option("--output", type=PATH, help="Directory for scores.json.")
def main(qrels: str, runs: tuple[Path, ...], metrics: str, output: Path | None) -> None:
    """Score TREC runs against judgements."""
    from xqg_pyserini.evaluate import evaluate_runs
    from xqg_pyserini.files import write_json
    from xqg_pyserini.trec import read_qrels, read_run

    result = evaluate_runs(read_qrels(Path(qrels)), {path.stem: read_run(path) for path in runs}, metrics.split())
    for run, means in result.means.items():
        click.echo("\t".join([run, *(f"{metric} {value:.4f}" for metric, value in means.items())]))
    if output:
        write_json(output / "scores.json", {"means": result.means})


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.evaluate")
