"""The page of ``xqg serve`` in a real browser: what a person types, sees, hears and reaches with the keyboard."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import numpy as np
import pytest

pytest.importorskip("playwright", reason="playwright is not installed")
pytest.importorskip("fastapi", reason="the extra serve is not installed")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, FloatRect, Locator, Page, Request, Route, ViewportSize, expect

from tests.serve.page_browser import CHROMIUM, PageWatch, chromium
from tests.serve.page_indexes import make_odd_indexes
from tests.serve.page_screenshot import take_screenshot
from tests.serve.serving import running_app

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (Debian: apt-get install chromium)")

PAGE = Path(__file__).parents[2] / "xqg_pyserini" / "serve" / "page"
ARABIC = "من الذي وصف في رسائله ثوران البركان الذي دفن مدينة بومبي؟"
EXAMPLES = ["Arabic", "Bengali", "English", "Finnish", "Japanese", "Korean", "Russian", "Telugu"]
#: Milliseconds until something that does not come is an error: the machine may be busy with other tests.
PATIENCE = 30_000
PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def address(served: dict[str, Path], tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(served | make_odd_indexes(tmp_path_factory.mktemp("page"), tiny)) as client:
        yield f"{client.address}/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with chromium() as opened:
        yield opened


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    made.set_default_timeout(PATIENCE)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    return context.new_page()


@pytest.fixture(autouse=True)
def watch(page: Page, address: str) -> Iterator[PageWatch]:
    """No test may leave an error on the console, an exception or a request to another host."""
    watch = PageWatch(page, urlsplit(address).netloc)
    yield watch
    assert not watch.unexpected()


@pytest.fixture
def visit(page: Page, address: str) -> Callable[..., None]:
    """Opens the page with the state that the keywords give, and waits for its answer."""

    def open_page(**state: object) -> None:
        page.goto(f"{address}?{urlencode(state)}" if state else address)
        expect(page.locator("#results h2" if "q" in state else "#left option").first).to_be_attached()

    return open_page


def api(page: Page, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = page.request.post(f"{page.url.split('?')[0]}api/{path}", data=body).json()
    return answer


def question(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Question")


def box_of(locator: Locator) -> FloatRect:
    box = locator.bounding_box()
    assert box is not None
    return box


def titles(page: Page, system: int) -> list[str]:
    return page.locator("#results section").nth(system).locator("h3").all_inner_texts()


def marked(line: Locator) -> list[str]:
    return line.locator("mark").all_inner_texts()


# Searching


def test_results_come_while_typing(page: Page, visit: Callable[..., None]) -> None:
    visit()
    expect(page.locator("#status")).to_have_text("Type a question, or choose an example.")
    question(page).press_sequentially("largest moon")
    expect(page.locator("#results h2")).to_have_text(["base", "xqg"])
    systems = [{"name": name, "index": name} for name in ("base", "xqg")]
    answer = api(page, "compare", {"query": "largest moon", "systems": systems})
    for number, system in enumerate(answer["systems"]):
        assert titles(page, number) == [hit["title"] for hit in system["hits"]]
    first = page.locator(".hit").first
    expect(first.locator(".rank")).to_have_text("Rank 1")
    expect(first.locator(".score")).to_have_text(f"score {answer['systems'][0]['hits'][0]['score']:.4f}")
    expect(page.locator("#status")).to_contain_text("Passages: 10 of base, 10 of xqg")


def test_a_key_aborts_the_request_before_it(page: Page, visit: Callable[..., None]) -> None:
    visit()
    held: list[Route] = []
    ended: list[str] = []

    def note(request: Request) -> None:
        ended.append(f"{request.failure} {(request.post_data_json or {})['query']}")

    page.on("requestfailed", note)

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/api/compare", hold_the_first)
    query = question(page)
    with page.expect_request("**/api/compare"):
        query.press_sequentially("small")
    query.press_sequentially("est")
    expect(page.locator("#results h2")).to_have_count(2)
    assert ended == ["net::ERR_ABORTED small"]
    assert page.title() == "smallest – xqg"


def test_passages_that_moved(page: Page, visit: Callable[..., None]) -> None:
    visit(q="Who was Jenner?")
    both = set(titles(page, 0)) & set(titles(page, 1))
    ranks = {title: tuple(titles(page, system).index(title) + 1 for system in (0, 1)) for title in both}
    moved = {title: pair for title, pair in ranks.items() if pair[0] != pair[1]}
    assert moved, "the indexes rank alike: choose another question"
    for title, (base, xqg) in moved.items():
        words = f"{'up' if xqg < base else 'down'} {abs(base - xqg)}, rank {base} in base"
        arrow = f"{'↑' if xqg < base else '↓'} {abs(base - xqg)}"
        hit = page.locator("section").nth(1).locator(".hit").nth(xqg - 1)
        expect(hit.get_by_role("button", name=words)).to_be_visible()
        expect(hit.locator(".change")).to_have_text(arrow)
        hit.locator(".move").click()
        expect(page.locator(":focus h3")).to_have_text(title)
        expect(page.locator(":focus")).to_contain_text(f"rank {xqg} in xqg")
    for hit in page.locator("section").nth(1).locator(".hit").all():
        title = hit.locator("h3").inner_text()
        words = "" if title in both - set(moved) else "rank" if title in moved else "not in the first 10 of base"
        assert hit.locator(".move").count() == bool(words)
        assert words in hit.inner_text()


def test_one_system_alone(page: Page, visit: Callable[..., None]) -> None:
    visit(q="moon")
    page.get_by_label("beside").select_option("nothing")
    expect(page.locator("#results h2")).to_have_text(["base"])
    assert page.locator(".move").count() == 0
    assert page.url.endswith("?q=moon&right=none")


def test_what_an_index_does_not_keep(page: Page, visit: Callable[..., None]) -> None:
    """Docids where there are no texts, no bars where there are no components."""
    visit(q="moon", left="bare", right="base")
    assert sorted(titles(page, 0)) == ["odd-1", "odd-2", "odd-3"]
    expect(page.locator("section").first).to_contain_text("3 passages · no texts, so only docids are shown")
    assert page.locator(".text").count() == 10
    assert page.locator(".parts").count() == 0


def test_texts_are_no_markup(page: Page, visit: Callable[..., None]) -> None:
    visit(q="<b>moon</b>", left="odd", right="none")
    expect(page.get_by_role("heading", name="<i>Markup</i>")).to_be_visible()
    expect(page.locator(".text", has_text="<img src=x onerror=")).to_be_visible()
    assert page.locator("#results img, #results b, #results i").count() == 0
    assert page.title() == "<b>moon</b> – xqg"


def test_the_whole_text(page: Page, visit: Callable[..., None]) -> None:
    visit(q="moon")
    hit = page.locator(".hit").first
    short = hit.locator(".text").inner_text()
    button = hit.get_by_role("button", name=f"show all of {hit.locator('h3').inner_text()}")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    assert len(hit.locator(".text").inner_text()) > len(short)
    hit.get_by_role("button", name="show less").click()
    assert hit.locator(".text").inner_text() == short


def test_what_generated_queries_added(page: Page, visit: Callable[..., None]) -> None:
    visit(q="moon", right="xqg")
    hit = page.locator("section").nth(1).locator(".hit").first
    words = hit.locator(".words").inner_text()
    assert re.fullmatch(r"generated queries \d+\.\d %, most \w+ \d+\.\d %", words)
    parts = hit.get_by_role("list", name="Parts of the score")
    assert parts.count() == 0
    hit.locator("summary").click()
    rows = [item.inner_text().split("\n") for item in parts.get_by_role("listitem").all()]
    assert rows[0][0] == "passage"
    assert sorted(name for name, *_ in rows[1:]) == [name for name in EXAMPLES if name != "English"]
    shares = {name: float(share) for name, _, share in rows}
    score = float(hit.locator(".score").inner_text().split()[-1])
    assert sum(shares.values()) == pytest.approx(score, abs=0.001)
    assert f"most {rows[1][0]} {rows[1][1]}" in words
    widths = [box_of(piece)["width"] for piece in hit.locator(".bar > [class]:not([class=''])").all()]
    # the bar has the languages in the order of their codes, which is that of their names here
    drawn = [shares[name] for name in sorted(shares) if shares[name] > 0 and name != "passage"]
    assert np.array(widths) / sum(widths) == pytest.approx(np.array(drawn) / sum(drawn), abs=0.01)


# Typos and spelling


def test_typos_are_added_and_marked(page: Page, visit: Callable[..., None]) -> None:
    visit(q="Mikä on aurinkokunnan suurin kuu?", language="fi")
    assert page.locator("#asked").is_hidden()
    page.get_by_label("Typos", exact=True).check()
    page.get_by_label("Number of typos").select_option("3")
    line = page.locator("#asked p")
    body = {"text": "Mikä on aurinkokunnan suurin kuu?", "language": "fi", "typos": 3, "seed": 0}
    expected = api(page, "misspell", body)
    expect(line.locator(".query")).to_have_text(expected["text"])
    after = [edit["after"] for edit in expected["edits"] if edit["after"]]
    assert "".join(after) in "".join(marked(line))
    for edit in expected["edits"]:
        expect(line.locator(".note")).to_contain_text(f"{edit['operator']}: ")
    page.get_by_role("button", name="Other typos").click()
    other = api(page, "misspell", {**body, "seed": 1})["text"]
    expect(line.locator(".query")).to_have_text(other)
    assert "typos=3" in page.url
    assert "seed=1" in page.url


MARKS = """async ([text, edits]) => {
  const { askedLines } = await import("/page/asked.js");
  const [line] = askedLines({ text, edits }, undefined, text, "en");
  return [line.querySelector(".query").innerHTML, line.querySelector(".note").textContent];
}"""


@pytest.mark.parametrize(
    ("text", "edits", "html", "words"),
    [
        ("abXd", [(2, 3, "sub_adjacent", "c", "X")], 'ab<mark class="changed">X</mark>d', "sub_adjacent: c → X"),
        ("abd", [(2, 2, "delete", "c", "")], 'ab<mark class="gap-before">d</mark>', "delete: c is missing"),
        ("abc", [(3, 3, "delete", "d", "")], 'ab<mark class="gap-after">c</mark>', "delete: d is missing"),
        ("aab", [(1, 2, "double", "", "a")], 'a<mark class="changed">a</mark>b', "double: a is added"),
        # code points beyond 16 bits count as one
        ("🌕ab", [(1, 2, "sub_adjacent", "c", "a")], '🌕<mark class="changed">a</mark>b', "sub_adjacent: c → a"),
        # a sign is marked with the letter that carries it
        ("కిబ", [(1, 2, "sub_adjacent", "ీ", "ి")], '<mark class="changed">కి</mark>బ', "sub_adjacent: ీ → ి"),
        ("ab", [], "ab", "this text has no place for a typo"),
    ],
)
def test_edits_by_hand(
    text: str, edits: list[tuple[object, ...]], html: str, words: str, page: Page, visit: Callable[..., None]
) -> None:
    visit()
    rows = [dict(zip(("start", "end", "operator", "before", "after"), edit, strict=True)) for edit in edits]
    assert page.evaluate(MARKS, [text, rows]) == [html, words]


def test_spelling_is_corrected(page: Page, visit: Callable[..., None]) -> None:
    pytest.importorskip("wordfreq", reason="the extra spelling is not installed")
    visit(q="the largset mountain")
    page.get_by_label("Correct spelling").check()
    line = page.locator("#asked p")
    expect(line.locator(".query")).to_have_text("the largest mountain")
    assert marked(line) == ["largest"]
    question(page).fill("the largest mountain")
    expect(line.locator(".note")).to_have_text("nothing to correct")


# Languages


def test_arabic(page: Page, visit: Callable[..., None]) -> None:
    visit()
    page.get_by_role("button", name="Arabic").click()
    query = question(page)
    expect(query).to_have_value(ARABIC)
    expect(query).to_have_css("direction", "rtl")
    expect(query).to_have_attribute("lang", "ar")
    page.get_by_label("Typos", exact=True).check()
    expect(page.locator("#asked .query")).to_have_css("direction", "rtl")
    page.get_by_label("beside").select_option("odd")
    text = page.locator(".text", has_text="يقع جبل")
    expect(text).to_have_css("direction", "rtl")
    expect(page.get_by_role("heading", name="جبل فيزوف")).to_have_css("direction", "rtl")


def test_the_script_tells_the_language(page: Page, visit: Callable[..., None]) -> None:
    visit()
    language = page.get_by_label("Language")
    for text, name in [("Who?", "English"), ("누가?", "Korean"), ("誰が書いたか", "Japanese"), ("ఎవరు?", "Telugu")]:
        question(page).fill(text)
        expect(language.locator("option:checked")).to_have_text(f"by script: {name}")


def test_examples_in_eight_languages(page: Page, visit: Callable[..., None]) -> None:
    visit()
    names = page.get_by_role("group", name="Examples").get_by_role("button").all_inner_texts()
    assert sorted(names) == EXAMPLES


# Links and history


def test_a_link_reproduces_the_state(page: Page, visit: Callable[..., None], context: BrowserContext) -> None:
    visit(q="Mwezi ni nini?")
    page.get_by_label("System").select_option("odd")
    page.get_by_label("Hits").select_option("5")
    page.get_by_label("Language").select_option("Swahili")
    page.get_by_label("Typos", exact=True).check()
    page.get_by_label("Number of typos").select_option("2")
    page.get_by_label("Kind of typos").select_option("keyboard")
    page.get_by_role("button", name="Other typos").click()
    page.get_by_label("Correct spelling").check()
    expect(page.locator("#asked p")).to_have_count(2)
    second = context.new_page()
    second.goto(page.url)
    expect(second.locator("#asked p")).to_have_count(2)
    state = "() => [...document.querySelectorAll('#search input, #search select')].map(e => [e.id, e.value, e.checked])"
    assert second.evaluate(state) == page.evaluate(state)
    assert second.locator("#asked").inner_text() == page.locator("#asked").inner_text()
    assert [titles(second, 0), titles(second, 1)] == [titles(page, 0), titles(page, 1)]


def test_back_and_forward(page: Page, visit: Callable[..., None]) -> None:
    visit()
    query = question(page)
    query.press_sequentially("moon")
    query.press("Enter")
    page.get_by_label("Hits").select_option("5")
    expect(page.locator(".hit")).to_have_count(10)
    page.go_back()
    expect(page.locator(".hit")).to_have_count(20)
    expect(page.get_by_label("Hits")).to_have_value("10")
    page.go_back()  # one step for all the keys
    expect(query).to_have_value("")
    expect(page.locator(".hit")).to_have_count(0)
    page.go_forward()
    expect(query).to_have_value("moon")
    expect(page.locator(".hit")).to_have_count(20)


def test_a_link_to_what_is_not_served(page: Page, visit: Callable[..., None]) -> None:
    visit(q="moon", left="nowhere", hits="-3", typos="x", seed="1e999")
    expect(page.get_by_role("alert")).to_have_text(
        "This server does not have what the link asks for: left “nowhere”, hits “-3”, typos “x”."
    )
    expect(page.locator("#results h2")).to_have_text(["base", "xqg"])


# Errors


def test_an_error_of_the_server_is_one_line(page: Page, visit: Callable[..., None], watch: PageWatch) -> None:
    watch.expected = "422"  # Chromium writes each such answer to the console
    visit(q="Mikä on kuu?", language="fi")
    page.get_by_label("Typos", exact=True).check()
    page.get_by_label("Kind of typos").select_option("textattack")
    expect(page.get_by_role("alert")).to_contain_text("typo preset 'textattack' follows an English protocol")
    page.get_by_label("Kind of typos").select_option("natural")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_server_that_is_gone(
    page: Page, visit: Callable[..., None], context: BrowserContext, watch: PageWatch
) -> None:
    watch.expected = "ERR_INTERNET_DISCONNECTED"
    visit(q="moon")
    context.set_offline(True)
    question(page).fill("moons")
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer. Is xqg serve running?")
    expect(page.locator("#results")).to_have_class("stale")
    context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator("#results")).not_to_have_class("stale")


def test_a_server_that_comes_later(page: Page, address: str, watch: PageWatch) -> None:
    watch.expected = "ERR_FAILED"
    page.route("**/api/about", lambda route: route.abort())
    page.goto(f"{address}?q=moon")
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
    page.unroute("**/api/about")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".hit")).to_have_count(20)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_busy_server_is_asked_again(page: Page, visit: Callable[..., None], watch: PageWatch) -> None:
    watch.expected = "503"
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(route.request.url)
            route.fulfill(status=503, headers={"Retry-After": "1"}, json={"title": "busy", "status": 503})

    page.route("**/api/compare", refuse_once)
    visit(q="moon")
    assert len(refused) == 1
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_server_with_a_key(browser: Browser, served: dict[str, Path]) -> None:
    with running_app({"base": served["base"]}, api_key="open sesame") as client:
        page = browser.new_page()
        page.goto(f"{client.address}/?q=moon")
        expect(page.get_by_role("alert")).to_contain_text("This server asks for an API key.")
        page.get_by_label("API key").fill("wrong")
        page.get_by_role("button", name="Use this key").click()
        expect(page.get_by_role("alert")).to_contain_text("This server asks for an API key.")
        page.get_by_label("API key").fill("open sesame")
        page.keyboard.press("Enter")
        expect(page.locator("#results h2")).to_have_text(["base"])
        page.close()


# Everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violations(scheme: Literal["light", "dark"], page: Page, visit: Callable[..., None]) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    visit(q="the largset moon", typos=2, correct=1)
    page.locator("summary").first.click()
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    assert violations(page) == []
    visit(q="moon", left="nowhere")
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    visit()
    assert violations(page) == []


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}})
    return [f"{one['id']}: {node['html']}" for one in found.response["violations"] for node in one["nodes"]]


def test_axe_can_find_some(page: Page, visit: Callable[..., None]) -> None:
    visit()
    page.evaluate("document.querySelector('label[for=left]').remove()")
    assert [line.split(":")[0] for line in violations(page)] == ["select-name"]


def test_a_phone(page: Page, visit: Callable[..., None]) -> None:
    page.set_viewport_size(PHONE)
    visit(q="Mikä on aurinkokunnan suurin kuu?", typos=5, correct=1, left="odd")
    page.locator("summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    boxes = [box_of(section) for section in page.locator("section").all()]
    assert boxes[0]["x"] == boxes[1]["x"]
    assert boxes[1]["y"] >= boxes[0]["y"] + boxes[0]["height"]


def test_the_same_ranks_stand_side_by_side(page: Page, visit: Callable[..., None]) -> None:
    visit(q="moon")
    page.locator("summary").first.click()
    tops = [[box_of(hit)["y"] for hit in section.locator(".hit").all()] for section in page.locator("section").all()]
    assert tops[0] == pytest.approx(tops[1])
    assert len(tops[0]) == 10


FOCUS = """() => {
  const style = getComputedStyle(document.activeElement);
  return [document.activeElement.id || document.activeElement.textContent, style.outlineStyle, style.outlineWidth];
}"""


def test_the_keyboard_alone(page: Page, visit: Callable[..., None]) -> None:
    visit()

    def tab_to(wanted: str) -> None:
        for _ in range(20):
            page.keyboard.press("Tab")
            name, style, width = page.evaluate(FOCUS)
            assert (style, width) == ("solid", "2px"), f"focus is not seen on {name}"
            if name.startswith(wanted):
                return
        pytest.fail(f"{wanted} is not reached")

    page.keyboard.type("Mikä on kuu?")  # the question has the focus from the start
    expect(page.locator(".hit")).to_have_count(20)
    tab_to("Finnish")
    page.keyboard.press("Enter")
    expect(question(page)).not_to_have_value("Mikä on kuu?")
    tab_to("hits")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".hit")).to_have_count(10)
    tab_to("typos-on")
    page.keyboard.press("Space")
    expect(page.locator("#asked mark").first).to_be_visible()
    tab_to("other-typos")
    before = page.locator("#asked .query").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("#asked .query")).not_to_have_text(before)
    tab_to("correct")
    tab_to("show all")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="show less")).to_be_visible()


def test_the_focus_stays_in_results_that_are_replaced(page: Page, visit: Callable[..., None]) -> None:
    visit(q="moon")
    page.locator(".more").nth(3).focus()
    page.evaluate("history.pushState(null, '', '?q=moon&hits=5'), dispatchEvent(new Event('popstate'))")
    expect(page.locator(".hit")).to_have_count(10)
    expect(page.locator("#results")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".hit button").first).to_be_focused()


def test_skip_to_the_results(page: Page, visit: Callable[..., None]) -> None:
    visit(q="moon")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("link", name="Skip to the results")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#results")).to_be_focused()
    expect(page.locator(".hit")).to_have_count(20)


# The files


def test_no_data_becomes_markup_and_no_other_host_is_named() -> None:
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function"
    inline = r"\sstyle=|\son[a-z]+=|<style|<script>"
    files = list(PAGE.iterdir())
    assert len(files) >= 10
    for path in files:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(rf"{markup}|{inline}|(https?:)?//[a-z]", text), path


def test_the_screenshot(browser: Browser, address: str, tmp_path: Path) -> None:
    take_screenshot(browser, address, tmp_path / "serve.png")
    picture = (tmp_path / "serve.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 300_000
