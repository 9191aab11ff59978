#!/bin/sh
# The recipe of the adapter `embedded+typo`, which ships with the package.
#
#   sh runs/typo-robust/train.sh DATA OUTPUT ["MORE OPTIONS"]
#
# DATA holds mkqa/mia_dev/mkqa-*.jsonl and xor_tydi/mia_2022_dev_xorqa.jsonl (MIA 2022 shared task). The same command
# resumes a killed run. XQuAD and AfriQA, which measure the result (plan.yaml), are not read.
set -eu
data=$1
output=$2
options=${3:-}
set --
for file in "$data"/mkqa/mia_dev/mkqa-*.jsonl "$data"/xor_tydi/mia_2022_dev_xorqa.jsonl; do
    set -- "$@" --queries "$file"
done
for language in en ar bn fi ja ko ru te; do
    set -- "$@" --queries "xqg-sample/$language"
done
# the options are those chosen in README.md; textattack in a third of the variants, because it also writes in lower case
# shellcheck disable=SC2086  # more options are words
exec "${PYTHON:-python}" -m xqg_pyserini train query-encoder "$@" --output "$output" --encoder embedded \
    --max-per-language 1000 --held-out 128 --typos 0,1,2,3 --typo-preset natural,natural,textattack \
    --losses alignment=10,self-teaching=1 --learning-rate 1e-3 --batch-size 32 --steps 320 --check-every 80 \
    --precision bf16 $options
