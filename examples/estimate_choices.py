"""What 18 million passages take on a GPU, and what each cheaper way would save.

Run: python examples/estimate_choices.py
The speeds of the machine h100 are assumptions; a file that `xqg estimate --json` wrote on yours takes their place:
python examples/estimate_choices.py mine.json
"""

import sys

from xqg_pyserini.estimate import Workload, estimate_stages, find_alternatives, read_machine


def main(machine_name: str) -> None:
    machine = read_machine(machine_name)
    workload = Workload(passages=18_000_000, queries_per_passage=35, languages=7)
    whole = estimate_stages(workload, machine)
    print(f"{'as it is':<28} {whole.worker_hours:8.1f} h  {whole.disk / 1e9:6.1f} GB")
    for choice in find_alternatives(workload, machine):
        hours, disk = choice.estimate.worker_hours, choice.estimate.disk
        saved = 1 - hours / whole.worker_hours
        print(f"{choice.change:<28} {hours:8.1f} h  {disk / 1e9:6.1f} GB  {saved:4.0%} less time  ({choice.how})")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "h100")
