#!/bin/sh
# All experiments of this folder: sh runs/generation/run.sh DATA WORK [THREADS]
# DATA: XQuAD, MLQA, AfriQA and MKQA as runs/generation/README.md says; WORK: a folder for indexes, stores and vectors.
set -e
here=$(dirname "$0")
python "$here/faults.py" "$1" --output "$here/results" --work "$2" --threads "${3:-1}"
python "$here/noise.py" "$1" --output "$here/results" --work "$2" --threads "${3:-1}"
PYTHONPATH="$here/../.." python "$here/tiny.py" --output "$here/results" --work "$2" --threads "${3:-1}"
