#!/bin/sh
# One arm of the experiment in README.md, with one seed.
#
#   sh runs/dual-encoder/train.sh ARM SEED OUTPUT ["MORE OPTIONS"]
#
# ARM: plain, typo-aug, self-teaching, dual-self-teaching, multi-positive, query-side. The data sets are those of
# `xqg data`; the same command resumes a killed run. XQuAD, AfriQA's test questions and NTREX are not read for training.
set -eu
arm=$1
seed=$2
output=$3
options=${4:-}
set -- --corpus mlqa/dev --corpus "${AFRIQA_CORPUS:-afriqa/gold-en}"
for language in en ar de es hi vi zh; do
    set -- "$@" --data "mlqa/dev/$language"
done
for language in bem hau twi; do
    set -- "$@" --data "afriqa/$language/train" --data "afriqa/$language/dev"
done
set -- "$@" --data afriqa/yor/train
# passages of the test questions stand among the training passages: they are taken out of the rows
for language in bem hau swa twi yor; do
    set -- "$@" --exclude "afriqa/$language/test" --test "afriqa/$language/test" --drop-overlap
done
case $arm in
plain) set -- "$@" --losses infonce=1 ;;
typo-aug) set -- "$@" --losses infonce=1 --replaced 0.5 --typos 1,2,3 ;;
self-teaching) set -- "$@" --losses infonce=1,self-teaching=0.5 --typos 1,2,3 ;;
dual-self-teaching) set -- "$@" --losses infonce-symmetric=0.5,dual-self-teaching=0.5 --typos 1,2,3 --variants 2 ;;
multi-positive)
    set -- "$@" --losses infonce=0.25,multi-positive=0.25,dual-self-teaching=0.5 --typos 1,2,3 --variants 2
    ;;
query-side) set -- "$@" --losses infonce=1,self-teaching=0.5 --typos 1,2,3 --train-sides query ;;
*)
    echo "unknown arm $arm" >&2
    exit 2
    ;;
esac
# shellcheck disable=SC2086  # more options are words
exec "${PYTHON:-python}" -m xqg_pyserini train dual-encoder "$@" --recipe e5-lora --encoder embedded --seed "$seed" \
    --output "$output" --precision bf16 $options
