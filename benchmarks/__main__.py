"""``make bench``: every benchmark, one table each; ratios against the peer measured in the same run."""

import importlib
import sys
import time
from pathlib import Path


def main(names: list[str]) -> None:
    """Run the named benchmarks (``data``, ``encode`` …), or all of them."""
    known = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    unknown = sorted(set(names) - set(known))
    if unknown:
        sys.exit(f"unknown benchmark {', '.join(unknown)}; known: {', '.join(known)}")
    for name in names or known:
        start = time.perf_counter()
        rows = importlib.import_module(f"benchmarks.bench_{name}").run()
        print(f"\n{name} ({time.perf_counter() - start:.0f} s)")
        header = ("what", "ours", "peer", "ratio or target")
        widths = [max(len(row[i]) for row in [header, *rows]) for i in range(4)]
        for row in [header, *rows]:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main(sys.argv[1:])
