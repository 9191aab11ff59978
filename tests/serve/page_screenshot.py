"""The picture of the page in the README: ``python -m tests.serve.page_screenshot [quickstart's output]``."""

import sys
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, ViewportSize, expect

from tests.serve.page_browser import chromium
from tests.serve.serving import running_app

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "images" / "serve.png"
SIZE: ViewportSize = {"width": 1200, "height": 800}
STATE = {"q": "Missä päin harmaavalaat synnyttävät poikasensa?", "language": "fi", "typos": 2}


def take_screenshot(browser: Browser, address: str, path: Path) -> None:
    """Write a picture of a misspelled question in base and xQG, one score explained."""
    page = browser.new_page(viewport=SIZE, device_scale_factor=1.25, color_scheme="light")
    page.goto(f"{address}?{urlencode(STATE)}")
    expect(page.locator("#asked mark").first).to_be_visible()
    page.reload()  # the first answer waits until the encoder is warm
    expect(page.locator("#asked mark").first).to_be_visible()
    page.locator("summary").first.click()
    page.evaluate("document.activeElement.blur()")
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    page.close()


def main() -> None:
    """Serve the quickstart's indexes and take the picture."""
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "runs" / "quickstart"
    indexes = {"base": output / "index", "xqg": output / "index-xqg"}
    with running_app(indexes) as client, chromium() as browser:
        take_screenshot(browser, f"{client.address}/", PICTURE)


if __name__ == "__main__":
    main()
