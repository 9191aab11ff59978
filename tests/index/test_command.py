"""The commands of ``xqg index``."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import zstandard
from click.testing import CliRunner, Result

from tests.index.samples import contents, make_index, make_queries, rename_docids, text_vectors, vectors_of
from tests.index.test_vector_queries import sets_of, write_set
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.index.__main__ import main
from xqg_pyserini.storage.index_directory import read_meta
from xqg_pyserini.trec import read_run


def run(*arguments: object) -> Result:
    """Run ``xqg index``; a defect raises."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def error(*arguments: object) -> str:
    """The one line of a user's mistake."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.fixture
def vectors(base: Path, tmp_path: Path) -> list[str]:
    """Options naming one set of query vectors a language."""
    return [f"--query-vectors={lang}={where}" for lang, where in sets_of(tmp_path / "sets", make_queries())]


@pytest.fixture(scope="module")
def encoded(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of ten passages made by the tiny encoder."""
    from xqg_pyserini.encode.corpus_index import encode_corpus
    from xqg_pyserini.records import Passage

    output = tmp_path_factory.mktemp("encoded") / "index"
    passages = [Passage(f"p{i}", "", f"passage {i}") for i in range(10)]
    encode_corpus(passages, TextEncoder(str(tiny), threads=1), output)
    return output


def test_texts_in_every_kind_of_file(encoded: Path, tmp_path: Path, tiny: Path) -> None:
    rows = [{"docid": f"p{i % 10}", "lang": lang, "text": f"{lang} {i}"} for lang in ("ar", "te") for i in range(20)]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (tmp_path / "flat.jsonl").write_bytes(lines)
    (tmp_path / "flat.jsonl.gz").write_bytes(gzip.compress(lines))
    (tmp_path / "flat.jsonl.zst").write_bytes(zstandard.compress(lines))
    by_passage: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        by_passage.setdefault(row["docid"], {}).setdefault(row["lang"], []).append(row["text"])
    nested = [{"docid": docid, "generated_queries": queries} for docid, queries in by_passage.items()]
    (tmp_path / "nested.jsonl").write_text("".join(json.dumps(row) + "\n" for row in nested))
    (tmp_path / "shards").mkdir()
    for part in range(2):
        (tmp_path / "shards" / f"part-{part}.jsonl").write_bytes(b"".join(lines.splitlines(keepends=True)[part::2]))
    kinds = [["flat.jsonl"], ["flat.jsonl.gz"], ["flat.jsonl.zst"], ["nested.jsonl"], ["shards"]]
    for number, names in enumerate(kinds):
        files = [f"--queries={tmp_path / name}" for name in names]
        result = run("augment", "--index", encoded, *files, "--output", tmp_path / f"out-{number}", "--threads", 1)
        assert result.exit_code == 0, result.output
        assert "10 of 10 passages augmented with 40 queries in 2 languages (rule mean, alpha 0.3)" in result.stdout
        assert contents(tmp_path / f"out-{number}")["index"] == contents(tmp_path / "out-0")["index"]
    encoder = TextEncoder(str(tiny), threads=1)
    sums = np.zeros((10, encoder.dim))
    for row in rows:
        sums[int(row["docid"][1:])] += encoder.encode_queries([row["text"]])[0]
    expected = 0.7 * vectors_of(encoded) + 0.3 * sums / 4
    np.testing.assert_allclose(vectors_of(tmp_path / "out-0"), expected, atol=1e-4)
    before, after = read_meta(encoded), read_meta(tmp_path / "out-0")
    assert before is not None and after is not None
    assert before.encoder == after.encoder


def test_augment_with_vectors(base: Path, tmp_path: Path, vectors: list[str]) -> None:
    result = run(
        "augment", "--index", base, *vectors, "--output", tmp_path / "out", "--rule", "sum", "--languages", "TE,ar",
        "--weight", "te=2", "--max-queries", 2, "--dtype", "float16", "--keep-components",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "queries in 2 languages (rule sum, alpha 0.01)" in result.stdout
    assert "passages have no queries and keep their vectors" in result.stderr
    assert "queries beyond --max-queries were skipped" in result.stderr
    assert set(contents(tmp_path / "out")) == {"index", "docid", "components.npy", "meta.json"}
    meta = read_meta(tmp_path / "out")
    assert meta is not None
    assert meta.storage == "float16"
    assert meta.augmentation is not None
    assert meta.augmentation["weights"] == {"te": 2}


def test_augment_with_query_vectors_of_unknown_passages(base: Path, tmp_path: Path) -> None:
    some = write_set(tmp_path / "set", ["p1", "x"], text_vectors(["a", "b"]))
    arguments = ["augment", "--index", base, f"--query-vectors=te={some}", "--rule", "mean", "--output"]
    result = run(*arguments, tmp_path / "out")
    assert "1 queries of unknown passages were skipped, for example x (" in result.stderr
    assert "1 generated queries of passages that the index does not hold" in error(
        *arguments, tmp_path / "other", "--strict"
    )


def test_mistakes_of_augment(base: Path, tmp_path: Path, vectors: list[str]) -> None:
    common = ["augment", "--index", base, "--output", tmp_path / "out"]
    either = "either --queries (texts) or --query-vectors (LANGUAGE=DIR) is needed"
    assert either in error(*common)
    assert either in error(*common, *vectors, "--queries", "x.jsonl")
    assert "'te': LANGUAGE=DIR is needed, such as te=vectors" in error(*common, "--query-vectors", "te")
    assert "'te=x': LANGUAGE=NUMBER is needed, such as te=2" in error(*common, *vectors, "--weight", "te=x")
    assert "'=2': LANGUAGE=NUMBER is needed, such as te=2" in error(*common, *vectors, "--weight", "=2")
    assert "one name occurs twice" in error(*common, *vectors, "--weight", "te=2", "--weight", "TE=3")
    assert "language codes are needed, such as ar,bn" in error(*common, *vectors, "--languages", " ,")
    assert "records no encoder, so no rule follows from it: give --rule" in error(*common, *vectors)
    assert "unknown aggregation rule 'sun' (did you mean 'sum'?)" in error(*common, *vectors, "--rule", "sun")
    (tmp_path / "empty").mkdir()
    assert "no .jsonl, .jsonl.gz or .jsonl.zst files" in error(*common, "--queries", tmp_path / "empty")
    assert "nowhere.jsonl' is neither an existing file" in error(*common, "--queries", tmp_path / "nowhere.jsonl")
    assert "no such index directory" in error("augment", "--index", "no/where", *vectors, "--output", tmp_path / "o")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").touch()
    assert "files of other kinds (thesis.tex)" in error(*common, *vectors, "--overwrite")


def test_a_prebuilt_name_that_does_not_exist(tmp_path: Path, vectors: list[str]) -> None:
    name = "msmarco-v1-passage.unheard-of"
    text = error("augment", "--index", name, *vectors, "--rule", "sum", "--output", tmp_path / "out")
    assert f"{name}: neither a directory nor one of Pyserini's prebuilt Faiss indexes" in text


def test_sweep(encoded: Path, tmp_path: Path) -> None:
    rows = [{"docid": f"p{i}", "lang": lang, "text": f"{lang} {i}"} for lang in ("ar", "te") for i in range(8)]
    (tmp_path / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "topics.tsv").write_text("1\twhat is this\n2\tand that\n")
    arguments = [
        "sweep", "--index", encoded, "--queries", tmp_path / "queries.jsonl", "--topics", tmp_path / "topics.tsv",
        "--output", tmp_path / "out", "--alpha", "0.1,0.5", "--rule", "mean", "--languages", "te", "--hits", 5,
        "--leave-one-out", "--threads", 1,
    ]  # fmt: skip
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    names = ["base", *(f"mean_{alpha}_{langs}" for langs in ("te", "no-ar", "no-te") for alpha in ("0.1", "0.5"))]
    assert set(contents(tmp_path / "out")) == {"sweep.json", *(f"{name}.trec" for name in names)}
    assert "7 runs of 2 queries" in result.stdout
    found = read_run(tmp_path / "out" / "mean_0.5_te.trec")
    assert [len(hits) for hits in found.values()] == [5, 5]
    assert found != read_run(tmp_path / "out" / "base.trec")
    assert found == read_run(tmp_path / "out" / "mean_0.5_no-ar.trec")
    assert "give --overwrite" in error(*arguments)
    assert "--alpha '0.1;0.5': numbers from 0 to 1 are needed" in error(*arguments, "--overwrite", "--alpha", "0.1;0.5")


def write_rows(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_repeated_queries_add_up(encoded: Path, tmp_path: Path) -> None:
    rows = [{"docid": f"p{i % 10}", "lang": lang, "text": f"{lang} {i}"} for lang in ("ar", "te") for i in range(20)]
    files = [
        write_rows(tmp_path / "all.jsonl", rows),
        write_rows(tmp_path / "one.jsonl", rows[:15]),
        write_rows(tmp_path / "two.jsonl", rows[15:]),
    ]
    for name, chosen in (("together", files[:1]), ("apart", files[1:])):
        options = [f"--queries={file}" for file in chosen]
        result = run("augment", "--index", encoded, *options, "--output", tmp_path / name, "--threads", 1)
        assert "augmented with 40 queries" in result.stdout
    assert contents(tmp_path / "apart")["index"] == contents(tmp_path / "together")["index"]


def test_repeated_topics_add_up_and_vectors_are_swept(encoded: Path, tmp_path: Path) -> None:
    (tmp_path / "one.tsv").write_text("1\twhat is this\n")
    (tmp_path / "two.tsv").write_text("2\tand that\n")
    common = ["sweep", "--index", encoded, f"--query-vectors=te={encoded}", "--alpha", "0.5", "--threads", 1]
    common += ["--max-queries", 3, "--output"]
    topics = [f"--topics={tmp_path / name}" for name in ("one.tsv", "two.tsv")]
    result = run(*common, tmp_path / "out", *topics)
    assert "4 runs of 2 queries" in result.stdout, result.output
    assert list(read_run(tmp_path / "out" / "sum_0.5_all.trec")) == ["1", "2"]
    manifest = json.loads((tmp_path / "out" / "sweep.json").read_text())
    assert manifest["topics"] == [str(tmp_path / name) for name in ("one.tsv", "two.tsv")]
    assert manifest["max_queries"] == 3
    assert "the query id '1' occurs" in error(*common, tmp_path / "twice", topics[0], topics[0])
    assert not (tmp_path / "twice").exists()


@pytest.mark.parametrize(
    "option", ["--encoder=x", "--batch-size=64", "--threads=1", "--pooling=cls", "--no-normalize", "--backend=torch"]
)
def test_options_of_an_encoder_that_encodes_nothing(
    base: Path, tmp_path: Path, vectors: list[str], option: str
) -> None:
    text = error("augment", "--index", base, *vectors, "--rule", "sum", "--output", tmp_path / "out", option)
    assert "needs --queries" in text
    assert not (tmp_path / "out").exists()


def test_options_that_mean_nothing(base: Path, tmp_path: Path, vectors: list[str]) -> None:
    augment = ["augment", "--index", base, *vectors, "--output", tmp_path / "out", "--rule", "sum"]
    assert "there are no components to keep" in error(*augment, "--alpha", 0, "--keep-components")
    assert "weight for fi, but the queries used are in ar, bn, te" in error(*augment, "--weight", "fi=2")
    convert = ["convert", "--index", base, "--output", tmp_path / "out", "--factory", "Flat"]
    assert "stores no search parameters" in error(*convert, "--parameter", "nprobe=2")
    assert "is not trained" in error(*convert, "--train-size", 10)
    assert "one name occurs twice" in error(*convert, "--parameter", "nprobe=2", "--parameter", "nprobe=3")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["augment", "convert", "merge", "sweep"])
def test_outputs_that_cannot_be(base: Path, tmp_path: Path, vectors: list[str], command: str) -> None:
    (tmp_path / "file").touch()
    arguments = {
        "augment": ["augment", "--index", base, *vectors, "--rule", "sum"],
        "convert": ["convert", "--index", base, "--factory", "Flat"],
        "merge": ["merge", base],
        "sweep": ["sweep", "--index", base, *vectors, "--topics", "no-topics"],
    }[command]
    text = error(*arguments, "--output", tmp_path / "file" / "a" / "b")
    assert f"cannot be written: {tmp_path / 'file'} is a file; choose another name" in text
    before = contents(base)
    for overwrite in ([], ["--overwrite"]):
        text = error(*arguments, "--output", base, *overwrite)
        assert ("holds files of other kinds" if command == "sweep" else "which is read: choose another name") in text
    assert contents(base) == before


def test_folders_above_the_output_are_made(base: Path, tmp_path: Path) -> None:
    result = run("convert", "--index", base, "--factory", "Flat", "--output", tmp_path / "a" / "b" / "c")
    assert result.exit_code == 0, result.output
    assert set(contents(tmp_path / "a" / "b" / "c")) == {"index", "docid", "meta.json"}


def test_convert(base: Path, tmp_path: Path) -> None:
    result = run("convert", "--index", base, "--factory", "SQ8", "--output", tmp_path / "out", "--threads", 1)
    assert result.exit_code == 0, result.output
    assert "60 passages, 0." in result.stdout
    assert "recall@60 against exact search 1.000" in result.stdout
    assert "NAME=NUMBER is needed, such as nprobe=32" in error(
        "convert", "--index", base, "--factory", "SQ8", "--output", tmp_path / "b", "--parameter", "nprobe"
    )


def test_merge(base: Path, tmp_path: Path) -> None:
    other = write_set(tmp_path / "other", ["q1", "q2"], text_vectors(["a", "b"]))
    result = run("merge", base, other, "--output", tmp_path / "out")
    assert f"{tmp_path / 'out'}: 62 passages of 2 shards" in result.stdout
    assert "are the same" in error("merge", base, base, "--output", tmp_path / "twice")
    with_texts = make_index(tmp_path / "texts", 5, texts=True)
    rename_docids(with_texts)
    assert "give --no-texts to leave out all" in error("merge", base, with_texts, "--output", tmp_path / "some")
    assert "65 passages" in run("merge", base, with_texts, "--no-texts", "--output", tmp_path / "some").stdout


def test_info_and_verify(base: Path, tmp_path: Path) -> None:
    assert "passages             60" in run("info", base).stdout
    assert json.loads(run("info", base, "--json").stdout)["dim"] == 16
    result = run("verify", base)
    assert result.exit_code == 0
    assert "60 passages, vectors of length 1 to 1, no problems" in result.stdout
    (base / "docid").write_bytes((base / "docid").read_bytes().replace(b"p7\n", b"p6\n"))
    result = run("verify", base)
    assert result.exit_code == 1
    assert "docid is not the file that meta.json describes" in result.stderr
    assert "docids of rows 6 and 7 (from 0) are the same" in result.stderr
    assert "2 problems" in result.stdout
    assert "no such index directory" in error("verify", tmp_path / "nowhere")


def test_a_damaged_base(tmp_path: Path, vectors: list[str]) -> None:
    damaged = make_index(tmp_path / "damaged")
    (damaged / "index").write_bytes((damaged / "index").read_bytes()[:-3])
    text = error("augment", "--index", damaged, *vectors, "--rule", "sum", "--output", tmp_path / "out")
    assert "damaged or truncated" in text
