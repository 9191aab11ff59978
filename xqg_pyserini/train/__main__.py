"""``xqg train``: query encoders, dual encoders, query generators, mining."""

import click

from xqg_pyserini.options import XqgGroup
from xqg_pyserini.train.dual.__main__ import dual_encoder, export, recipes
from xqg_pyserini.train.generator.__main__ import generator
from xqg_pyserini.train.mining.__main__ import mine, sentri
from xqg_pyserini.train.query_side.__main__ import query_encoder


@click.group(cls=XqgGroup)
def main() -> None:
    """Train query encoders, dual encoders and query generators; mine negatives."""


for command in (query_encoder, dual_encoder, recipes, export, generator, mine, sentri):
    main.add_command(command)


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.train")
