"""What docs/scale.md shows, computed anew: ``python -m tests.estimate.scale_page`` writes it into the page."""

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from xqg_pyserini.__main__ import main
from xqg_pyserini.estimate import Machine, machine_names, read_machine
from xqg_pyserini.estimate.amounts import bytes_text, count_text
from xqg_pyserini.estimate.estimation import speed

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
#: A command that measures nothing, and the block of its output.
EXAMPLE = re.compile(r"```\n(xqg estimate [^\n]*--machine [^\n]*)\n```\n\n```\n(.*?)```", re.DOTALL)
_MACHINES = re.compile(r"(<!-- machines -->\n).*?(<!-- end -->)", re.DOTALL)

#: Of multilingual-e5-small.
_DIM, _INTERMEDIATE, _LAYERS = 384, 1536, 12
#: Operations a second of an H100 SXM in 16 bits without sparsity, as NVIDIA's data sheet has it.
H100_PEAK = 989e12


def rebuilt(page: str) -> str:
    """The page with the table of machines and the output of each command as the code gives them."""
    page = _MACHINES.sub(lambda found: f"{found[1]}{machines_table()}\n{found[2]}", page)
    return EXAMPLE.sub(lambda found: f"```\n{found[1]}\n```\n\n```\n{printed(found[1])}```", page)


def printed(command: str) -> str:
    """What an ``xqg`` command prints."""
    done = CliRunner().invoke(main, shlex.split(command)[1:], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def machines_table() -> str:
    """A row for each machine that comes with the package."""
    head = "name|passages/s|queries/s|generated/s|written/s|summed/s|disk|scores/s|source"
    rows = [head.split("|"), ["---"] * 9]
    for name in machine_names():
        one = read_machine(name)
        rates = (one.passages_per_second, one.queries_per_second, one.generated_per_second, one.written_per_second)
        shown = [speed(rate) if rate else "" for rate in (*rates, one.summed_per_second)]
        disk, scores = f"{bytes_text(one.written_bytes_per_second)}/s", count_text(one.scores_per_second)
        rows.append([f"`{name}`", *shown, disk, scores, one.note])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def operations(tokens: float) -> float:
    """Floating-point operations of one text: of the products with weights and of those inside attention."""
    matrices = 2 * _LAYERS * (4 * _DIM**2 + 2 * _DIM * _INTERMEDIATE)
    return tokens * matrices + 4 * _LAYERS * _DIM * tokens**2


def share_of_peak(machine: Machine) -> float:
    """Share of an H100's peak that encoding passages at the machine's rate takes."""
    return machine.passages_per_second * operations(machine.passage_tokens) / H100_PEAK


if __name__ == "__main__":
    PAGE.write_text(rebuilt(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
