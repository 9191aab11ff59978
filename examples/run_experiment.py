"""Run an experiment from a plan: is a query encoder trained on misspellings more robust to them, and where?"""

import tempfile
from pathlib import Path

from xqg_pyserini.evaluate import read_cells
from xqg_pyserini.experiment import Experiment

PLAN = """
title: A trained query encoder on the sample
level: 1  # three languages cannot give a small p
collections:
  sample: {languages: [ar, ja, te], topics: "xqg-sample/{language}", corpus: xqg-sample, questions: 24}
encoders:
  base: {checkpoint: embedded}
  trained: {checkpoint: embedded+typo}
indexes:
  plain: {encoder: base}
systems:
  base: {index: plain}
  trained: {index: plain, query_encoder: trained}
typos:
  - {preset: natural, typos: 3, seeds: 7}
metrics: [mrr@10]
comparisons:
  training: {system: trained, baseline: base}
planned:
  - {question: "Does training help Telugu more than others?", comparisons: training}
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.yaml"
        path.write_text(PLAN, encoding="utf-8")
        experiment = Experiment.open(path)
        print(experiment.run())
        for cell in read_cells(experiment.output / "cells.csv"):
            print(f"{cell.language} {cell.condition:<9} {cell.system:<8} {cell.metric} {100 * cell.value:.1f}")
        print("written:", *sorted(entry.name for entry in experiment.output.iterdir()))


if __name__ == "__main__":
    main()
