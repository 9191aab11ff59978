"""An installed Chromium, and what may not happen on a page."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The installed browser, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


class PageWatch:
    """Collects what a page writes to the console, its exceptions, and requests to other hosts.

    Args:
        page: watched from now on.
        host: host and port that requests may go to.
    """

    def __init__(self, page: Page, host: str) -> None:
        self._host = host
        self.seen: list[str] = []
        self.expected = ""
        page.on("console", lambda message: self.seen.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.seen.append(f"exception: {error}"))
        page.on("request", lambda request: self._check(request.url))

    def _check(self, url: str) -> None:
        if urlsplit(url).netloc != self._host:
            self.seen.append(f"foreign request: {url}")

    def unexpected(self) -> list[str]:
        """What was seen and does not hold ``expected``."""
        return [line for line in self.seen if not (self.expected and self.expected in line)]
