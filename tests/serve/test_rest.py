"""The REST API against the functions that it is made of, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.serve.serving import Client, running_app, sample_questions
from xqg_pyserini.encode import TextEncoder, load_query_encoder
from xqg_pyserini.records import Query
from xqg_pyserini.search import OpenedIndex, explain_score, search_passages
from xqg_pyserini.serve.app import PAGE
from xqg_pyserini.serve.served_encoder import ServedEncoder
from xqg_pyserini.typo import TypoGenerator

QUESTION = "Mikä on aurinkokunnan suurin kuu?"


def test_search_finds_what_the_library_finds(client: Client, served: dict[str, Path]) -> None:
    encoder = load_query_encoder(served["xqg"])
    expected = search_passages(Query("", QUESTION), OpenedIndex(served["xqg"]), encoder, hits=7)
    found = client.search(QUESTION, "xqg", hits=7, explain=True)
    assert [(hit["rank"], hit["docid"], hit["title"], hit["text"]) for hit in found] == [
        (one.rank, one.doc_id, one.passage.title, one.passage.text) for one in expected if one.passage
    ]
    assert [hit["score"] for hit in found] == pytest.approx([one.score for one in expected], rel=1e-6)
    for hit, one in zip(found, expected, strict=True):
        assert one.parts is not None
        assert {part["language"]: part["share"] for part in hit["parts"] if part["language"]} == pytest.approx(
            one.parts.languages, rel=1e-4, abs=1e-6
        )
        assert hit["parts"][0]["name"] == "passage"
        assert sum(part["share"] for part in hit["parts"]) == pytest.approx(hit["score"], rel=1e-6)


def test_a_batch_has_a_result_for_each_query(client: Client) -> None:
    questions = sample_questions("en")[:20]
    results = client.post("/api/search", {"queries": questions, "index": "base", "hits": 3}).json()["results"]
    assert [result["query"] for result in results] == questions
    for question, result in zip(questions, results, strict=True):
        alone = client.search(question, "base", hits=3)
        assert [hit["docid"] for hit in result["hits"]] == [hit["docid"] for hit in alone]


def test_parts_only_where_asked_for_and_kept(client: Client) -> None:
    assert client.search(QUESTION, "xqg", hits=1)[0]["parts"] is None
    assert client.search(QUESTION, "base", hits=1, explain=True)[0]["parts"] is None


def test_a_window_is_a_part_of_the_text(client: Client) -> None:
    for hit in client.search("eruption of Pompeii", "base", hits=10):
        whole = " ".join(hit["text"].split())
        shown = hit["window"]["text"].strip("…")
        assert shown == whole[hit["window"]["start"] : hit["window"]["end"]]


def test_fusion_is_reciprocal_rank_fusion(client: Client) -> None:
    runs = [client.search(QUESTION, name, hits=100) for name in ("base", "xqg")]
    scores: dict[str, float] = {}
    for hit in [hit for run in runs for hit in run]:
        scores[hit["docid"]] = scores.get(hit["docid"], 0) + 1 / (60 + hit["rank"])
    expected = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:5]
    found = client.search(QUESTION, "base", fuse=["xqg"], hits=5)
    assert [(hit["docid"], hit["score"]) for hit in found] == [(docid, round(score, 6)) for docid, score in expected]
    assert all(hit["text"] for hit in found)


def test_repeated_and_corrected_queries_in_one_batch(tiny: Path) -> None:
    encoder = TextEncoder(str(tiny))
    moon, sea, lake = encoder.encode_queries(["moon", "sea", "lake"])
    vectors = ServedEncoder("tiny", encoder).encode([["moon"], ["sea", "lake"], ["moon"]])
    np.testing.assert_allclose(vectors, [moon, (sea + lake) / 2, moon], rtol=1e-4, atol=1e-5)


def test_spelling_correction_is_shown_and_searched(client: Client) -> None:
    asked = {"query": "the highest mountian", "index": "base", "hits": 3, "language": "en"}
    result = client.post("/api/search", {**asked, "correct": True}).json()["results"][0]
    assert result["corrected"] == "the highest mountain"
    plain = client.post("/api/search", asked).json()["results"][0]
    assert plain["corrected"] is None
    assert [hit["score"] for hit in plain["hits"]] != [hit["score"] for hit in result["hits"]]


def test_compare_tells_the_rank_in_each_system(client: Client) -> None:
    systems = [{"name": "A", "index": "base"}, {"name": "B", "index": "xqg"}]
    answer = client.post("/api/compare", {"query": QUESTION, "systems": systems, "hits": 4}).json()
    assert [system["name"] for system in answer["systems"]] == ["A", "B"]
    ranks = {system["name"]: {hit["docid"]: hit["rank"] for hit in system["hits"]} for system in answer["systems"]}
    assert {move["docid"] for move in answer["moves"]} == set(ranks["A"]) | set(ranks["B"])
    assert all(
        move["ranks"] == {name: own.get(move["docid"]) for name, own in ranks.items()} for move in answer["moves"]
    )
    assert answer["systems"][1]["hits"][0]["parts"]


@pytest.mark.parametrize("code", ["fi", "ar", "te", "ja", "ko"])
def test_edits_are_where_they_are_said_to_be(client: Client, code: str) -> None:
    for text in sample_questions(code)[:8]:
        asked = {"text": text, "language": code, "typos": 3, "seed": 5}
        answer = client.post("/api/misspell", asked).json()
        assert answer["text"] == TypoGenerator(code, 3, 5).generate("", text)[0].text
        assert [answer["text"][edit["start"] : edit["end"]] for edit in answer["edits"]] == [
            edit["after"] for edit in answer["edits"]
        ]
        # undone from the last place to the first, the edits give the clean text
        clean = answer["text"]
        for edit in reversed(answer["edits"]):
            clean = clean[: edit["start"]] + edit["before"] + clean[edit["end"] :]
        assert clean == TypoGenerator(code, 3, 5).generate("", text)[0].clean


def test_explain_is_the_librarys(client: Client, served: dict[str, Path]) -> None:
    parts = explain_score(served["xqg"], Query("", QUESTION), "moons-4", load_query_encoder(served["xqg"]))
    answer = client.post("/api/explain", {"query": QUESTION, "index": "xqg", "docid": "moons-4"}).json()
    assert answer["score"] == pytest.approx(parts.score, rel=1e-6)
    assert sum(part["share"] for part in answer["parts"]) == pytest.approx(parts.score, rel=1e-6)


def test_document(client: Client) -> None:
    answer = client.get("/api/document/base/moons-4")
    assert answer.json()["title"] == "Ganymede"


def test_about_says_what_is_served(client: Client) -> None:
    about = client.get("/api/about").json()
    base, augmented = about["indexes"]
    assert (base["name"], base["passages"], base["texts"], base["components"], base["languages"]) == (
        "base", 72, True, False, [],
    )  # fmt: skip
    assert (augmented["components"], len(augmented["languages"])) == (True, 7)
    assert augmented["encoder"] in about["encoders"]
    assert [(one["language"], one["dir"]) for one in about["examples"]] == [
        ("en", "ltr"), ("ar", "rtl"), ("bn", "ltr"), ("fi", "ltr"), ("ja", "ltr"), ("ko", "ltr"), ("ru", "ltr"),
        ("te", "ltr"),
    ]  # fmt: skip
    assert len(about["typo_languages"]) >= 120


REFUSED: list[tuple[str, Any, int, str]] = [
    ("/api/search", {"query": "moon", "index": "nope"}, 404, "unknown index 'nope'"),
    ("/api/search", {"index": "base"}, 422, "give either query or queries"),
    ("/api/search", {"query": "a", "queries": ["b"], "index": "base"}, 422, "give either query or queries"),
    ("/api/search", {"query": " \n", "index": "base"}, 422, "query: "),
    ("/api/search", {"query": "x" * 1001, "index": "base"}, 422, "at most 1000 characters"),
    ("/api/search", {"query": "moon", "index": "base", "hits": 0}, 422, "hits: "),
    ("/api/search", {"query": "moon", "index": "base", "hits": 10**6}, 422, "less than or equal to 1000"),
    ("/api/search", {"queries": ["moon"] * 65, "index": "base"}, 422, "at most 64 items"),
    ("/api/search", {"queries": ["moon"] * 64, "index": "base", "hits": 1000}, 422, "queries times hits"),
    ("/api/search", {"query": "moon", "index": "base", "encoder": "/etc/passwd"}, 422, "is not served"),
    ("/api/search", {"query": "moon", "index": "base", "correct": True}, 422, "needs the language"),
    ("/api/search", {"query": "moon", "index": "base", "correct": True, "language": "xx"}, 422, "unknown language"),
    ("/api/search", {"query": "moon", "index": "base", "shape": 1}, 422, "shape: "),
    ("/api/search", {"query": "moon", "index": "base", "fuse": ["nope"]}, 404, "unknown index 'nope'"),
    ("/api/explain", {"query": "moon", "index": "base", "docid": "moons-4"}, 422, "keeps no components"),
    ("/api/explain", {"query": "moon", "index": "xqg", "docid": "moons-99"}, 404, "holds no passage of this id"),
    ("/api/misspell", {"text": "moon", "language": "xx"}, 422, "unknown language"),
    ("/api/misspell", {"text": "moon", "language": "fi", "preset": "textattack"}, 422, "English protocol"),
    ("/api/misspell", {"text": "moon", "language": "fi", "typos": 6}, 422, "typos: "),
    ("/api/compare", {"query": "m", "systems": [{"name": "a", "index": "base"}] * 2}, 422, "the same name"),
]


@pytest.mark.parametrize(("path", "body", "status", "detail"), REFUSED, ids=[str(i) for i in range(len(REFUSED))])
def test_what_is_refused(client: Client, path: str, body: Any, status: int, detail: str) -> None:
    answer = client.post(path, body)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert detail in problem["detail"]
    assert set(problem) == {"type", "title", "status", "detail"}


def test_unknown_paths_and_methods_are_problems_too(client: Client) -> None:
    assert client.get("/nowhere").json()["status"] == 404
    assert client.get("/api/search").json()["status"] == 405
    assert client.get("/api/search").headers["allow"] == "POST"


def test_headers_keep_pages_of_others_out(client: Client) -> None:
    for path in ("/", "/api/about", "/nowhere", "/page/none.js"):
        headers = client.get(path, headers={"Origin": "http://elsewhere.example"}).headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


def test_page_files_are_asked_for_anew_and_not_sent_twice(client: Client) -> None:
    script = next(path.name for path in PAGE.glob("*.js"))
    first = client.get(f"/page/{script}").headers
    assert first["cache-control"] == "no-cache"
    assert client.get(f"/page/{script}", headers={"If-None-Match": first["etag"]}).status_code == 304


def test_a_local_server_answers_to_its_own_names_only(client: Client, served: dict[str, Path]) -> None:
    assert client.get("/health", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/health", headers={"Host": f"127.0.0.1:{client.port}"}).ok
    with running_app({"base": served["base"]}, allowed_hosts=("search.example",)) as other:
        assert other.get("/health", headers={"Host": "search.example"}).ok


def test_with_a_key_and_an_origin(served: dict[str, Path]) -> None:
    with running_app({"base": served["base"]}, api_key="sésame", origins=("https://lab.example",)) as client:
        assert client.get("/health").ok
        for path in ("/api/about", "/v1/base/search?query=moon", "/metrics", "/openapi.json", "/mcp"):
            assert client.get(path).status_code == 401
            assert client.get(path, headers={"X-API-Key": "wrong"}).status_code == 401
        given = "sésame".encode()
        assert client.get("/api/about", headers={"X-API-Key": given}).ok
        assert client.get("/api/about", headers={"Authorization": b"Bearer " + given}).ok
        allowed = client.get("/api/about", headers={"X-API-Key": given, "Origin": "https://lab.example"}).headers
        assert allowed["access-control-allow-origin"] == "https://lab.example"
        preflight = {"Origin": "https://lab.example", "Access-Control-Request-Method": "POST"}
        assert client.session.options(client.address + "/api/search", headers=preflight, timeout=30).ok


def test_no_answer_holds_a_path(client: Client, served: dict[str, Path]) -> None:
    root = str(served["base"].parent)
    bodies = [client.post(path, body).text for path, body, _, _ in REFUSED]
    bodies += [
        client.get(path).text for path in ("/api/about", "/metrics", "/openapi.json", "/v1/x/doc/y", "/page/../app.py")
    ]
    assert not [body for body in bodies if root in body or "Traceback" in body or "site-packages" in body]


def test_metrics_count_requests_and_batches(client: Client) -> None:
    client.search(QUESTION, "base")
    text = client.get("/metrics").text
    assert 'xqg_requests_total{route="/api/search",status="200"}' in text
    sizes = [line for line in text.splitlines() if line.startswith('xqg_encoded_queries_bucket{le="+Inf"}')]
    assert int(sizes[0].split()[1]) > 0


def test_openapi_has_examples_that_work(client: Client) -> None:
    described = client.get("/openapi.json").json()
    for name in ("SearchRequest", "CompareRequest", "MisspellRequest", "ExplainRequest"):
        (example,) = described["components"]["schemas"][name]["examples"]
        path = f"/api/{name.removesuffix('Request').lower()}"
        assert client.post(path, example).ok, (path, example)


def test_queries_are_logged_only_if_asked_for(served: dict[str, Path], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    for log_queries in (False, True):
        with running_app({"base": served["base"]}, log_queries=log_queries) as client:
            client.search("a secret question", "base")
            client.get("/v1/base/search?query=a%20secret%20question")
        assert ("a secret question" in caplog.text) is log_queries


def test_an_index_without_texts_works(served: dict[str, Path], tmp_path: Path) -> None:
    for name in ("index", "docid", "meta.json"):
        (tmp_path / "plain").mkdir(exist_ok=True)
        (tmp_path / "plain" / name).write_bytes((served["base"] / name).read_bytes())
    with running_app({"plain": tmp_path / "plain"}) as client:
        assert client.get("/api/about").json()["indexes"][0]["texts"] is False
        hit = client.search(QUESTION, "plain", hits=1)[0]
        assert (hit["title"], hit["text"], hit["window"]) == (None, None, None)
        assert client.get("/api/document/plain/moons-4").status_code == 404
        assert client.get("/v1/plain/search?query=moon").json()["candidates"][0]["doc"] is None


def test_two_indexes_of_different_encoders(served: dict[str, Path], tmp_path: Path) -> None:
    from tests.serve.serving import make_indexes
    from tests.tiny_encoder import make_tiny_encoder

    (tmp_path / "wide").mkdir()
    other = make_indexes(tmp_path / "wide", make_tiny_encoder(tmp_path / "encoder", dim=48, seed=1))
    with running_app({"one": served["base"], "two": other["base"]}) as client:
        one, two = client.get("/api/about").json()["indexes"]
        assert (one["dim"], two["dim"]) == (32, 48)
        assert (one["encoders"], two["encoders"]) == (["encoder"], ["encoder-2"])
        assert client.search(QUESTION, "two")
        answer = client.post("/api/search", {"query": "moon", "index": "two", "encoder": "encoder"})
        assert "does not fit index 'two'" in answer.json()["detail"]


def test_json_of_answers_is_strict(client: Client) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    json.loads(client.get("/api/about").text, parse_constant=refuse)
