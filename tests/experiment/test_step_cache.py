"""Results of steps: found by content, refused where another version made them."""

from dataclasses import replace
from pathlib import Path

import pytest

from xqg_pyserini.errors import XqgError
from xqg_pyserini.experiment import step_cache
from xqg_pyserini.experiment.step_cache import Step, StepCache, step_key

STEP = Step("search", "base@made-up.clean", {"hits": 5}, {"queries": "misspell/made-up.clean"}, {"checkpoint": "a"})


def done(cache: StepCache, step: Step, text: str) -> str:
    key = step_key(step, {"queries": "0"})
    place = cache.place(step, key)
    place.mkdir(parents=True)
    (place / "file").write_text(text)
    return cache.finish(step, key, 2.0).digest


def test_the_key_is_of_what_the_result_depends_on() -> None:
    key = step_key(STEP, {"queries": "0"})
    assert key == step_key(replace(STEP, name="other", places={}), {"queries": "0"})
    assert key != step_key(STEP, {"queries": "1"})
    assert key != step_key(replace(STEP, options={"hits": 6}), {"queries": "0"})
    assert key != step_key(replace(STEP, kind="rank"), {"queries": "0"})


def test_a_result_is_found_when_it_is_complete(tmp_path: Path) -> None:
    cache = StepCache(tmp_path)
    key = step_key(STEP, {"queries": "0"})
    assert cache.find(STEP, key) is None
    digest = done(cache, STEP, "one")
    found = StepCache(tmp_path).find(STEP, key)
    assert found is not None
    assert (found.digest, found.seconds) == (digest, 2.0)
    assert cache.find(STEP, "f" * 64) is None
    assert cache.seconds() == {"search": 2.0}


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    assert done(StepCache(tmp_path / "a"), STEP, "one") == done(StepCache(tmp_path / "b"), STEP, "one")
    assert done(StepCache(tmp_path / "c"), STEP, "one") != done(StepCache(tmp_path / "d"), STEP, "two")


def test_results_of_another_version_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done(StepCache(tmp_path), STEP, "one")
    monkeypatch.setattr(step_cache, "FORMAT", 99)
    with pytest.raises(XqgError, match=r"holds 1 results of version .*/1 \(search/base@made-up.clean\), and this"):
        StepCache(tmp_path)
