"""``xqg pyserini MODULE ARGS…``: any stock Pyserini command, in a process whose JVM ``host`` has started."""

import runpy
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from xqg_pyserini.errors import UnknownNameError
from xqg_pyserini.options import XqgCommand

_EXAMPLES = "search.faiss, search.lucene, index.lucene, encode, eval.trec_eval, fusion"


def module_name(word: str) -> str:
    """The full name of a Pyserini command, given as ``search.faiss`` or ``pyserini.search.faiss``.

    Raises:
        UnknownNameError: Pyserini has no such runnable module.
    """
    name = "pyserini." + word.removeprefix("pyserini.")
    # a package is run through its __main__; looking for that would import the package, so the file is looked for
    spec = find_spec("pyserini")
    for root in (spec and spec.submodule_search_locations) or ():
        path = Path(root, *name.split(".")[1:])
        if path.with_suffix(".py").is_file() or (path / "__main__.py").is_file():
            return name
    raise UnknownNameError(f"Pyserini has no command {word!r}; for example: {_EXAMPLES}")


@click.command(
    cls=XqgCommand,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    epilog="xqg pyserini search.faiss --help shows the command's own help.",
)
@click.argument("module")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def main(module: str, arguments: tuple[str, ...]) -> None:
    """Run Pyserini's command MODULE (search.faiss, index.lucene, eval.trec_eval …) with its own ARGUMENTS.

    The same as `python -m pyserini.MODULE ARGUMENTS`, but Java need not be installed.
    """
    name = module_name(module)
    from xqg_pyserini import host

    host.start()
    sys.argv = [name, *arguments]
    runpy.run_module(name, run_name="__main__", alter_sys=True)
