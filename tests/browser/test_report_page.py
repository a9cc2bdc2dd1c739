"""The page in a real browser: quiet, self-contained, usable by keyboard, at home on a phone and on paper."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from calibrated_samples import several, single
from report_samples import HOSTILE, Document, Shelf, everything

from simcheck import reporting as report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run", "--disable-default-apps"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this machine")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made, shelf = everything()
    return report.write(made, tmp_path_factory.mktemp("report"), "both", shelf).html


class Watched:
    """A page with everything it said and asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", self._refuse)
        page.on("request", lambda request: self.asked.append(request.url))

    def _refuse(self, dialog: Dialog) -> None:
        self.said.append(dialog.message)
        dialog.dismiss()


def open_page(browser: Browser, path: Path, width: int = 1280, *, script: bool = True) -> Watched:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-US", java_script_enabled=script)
    watched = Watched(context.new_page())
    watched.page.goto(path.as_uri())
    return watched


@pytest.fixture
def opened(browser: Browser, written: Path) -> Iterator[Watched]:
    watched = open_page(browser, written)
    yield watched
    watched.page.context.close()


def test_it_is_silent_and_asks_for_nothing(opened: Watched, written: Path) -> None:
    opened.page.locator("#languages input[value=zh]").check()
    opened.page.mouse.wheel(0, 40_000)
    opened.page.wait_for_timeout(200)
    assert opened.said == []
    assert [url for url in opened.asked if not url.startswith("data:")] == [written.as_uri()]


def test_a_hostile_name_is_text(opened: Watched) -> None:
    heading = opened.page.locator("#suspect-1 h2")
    assert heading.inner_text() == HOSTILE
    assert opened.page.locator("script").count() == 1
    assert opened.said == []


def test_a_foreign_script_would_not_run(opened: Watched) -> None:
    opened.page.evaluate(
        """() => { const script = document.createElement('script');
                   script.textContent = 'window.ran = 1'; document.body.append(script); }"""
    )
    assert opened.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in said for said in opened.said)


def test_pictures_are_really_drawn(opened: Watched) -> None:
    stage = opened.page.locator("#finding-1\\.1 .drawing").first
    stage.scroll_into_view_if_needed()
    shot = stage.screenshot()
    assert len(shot) > 30_000, "an empty frame compresses to almost nothing"


def test_the_slider_moves_by_keyboard_and_by_pointer(opened: Watched) -> None:
    page = opened.page
    stage = page.locator("[data-stage]").first
    slider, warped = stage.locator("[data-slider]"), stage.locator("[data-warped]")

    def clip() -> str:
        return str(warped.evaluate("e => getComputedStyle(e).clipPath"))

    assert clip() == "inset(0px 50% 0px 0px)"
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert clip() == "inset(0px 49% 0px 0px)"
    page.keyboard.press("Home")
    assert clip() == "inset(0px 100% 0px 0px)"
    assert slider.get_attribute("aria-valuetext") == "Left 0 %: work. The rest: suspect picture."

    stage.locator("[data-layers]").scroll_into_view_if_needed()
    box = stage.locator("[data-layers]").bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 60)
    page.mouse.up()
    assert slider.input_value() == "80"
    assert clip() == "inset(0px 20% 0px 0px)"


def test_blend_and_difference(opened: Watched) -> None:
    page = opened.page
    stage = page.locator("[data-stage]").first
    slider, warped, difference = (stage.locator(f"[data-{name}]") for name in ("slider", "warped", "difference"))
    assert not difference.is_visible()
    stage.locator("input[value=wipe]").focus()
    page.keyboard.press("ArrowRight")
    slider.focus()
    page.keyboard.press("End")
    page.keyboard.press("PageDown")
    value = int(slider.input_value())
    assert 0 < value < 100
    assert float(warped.evaluate("e => getComputedStyle(e).opacity")) == pytest.approx(value / 100)
    assert warped.evaluate("e => getComputedStyle(e).clipPath") == "none"
    stage.locator("input[value=blend]").focus()
    page.keyboard.press("ArrowRight")
    assert difference.is_visible()
    assert slider.is_disabled()


def test_the_language_can_be_changed(opened: Watched) -> None:
    page = opened.page
    heading = page.locator("h1")
    assert (heading.inner_text(), page.evaluate("document.documentElement.lang")) == ("Comparison report", "en")
    page.locator("#languages input[value=en]").focus()
    page.keyboard.press("ArrowRight")
    assert (heading.inner_text(), page.evaluate("document.documentElement.lang")) == ("图像比对报告", "zh-Hans")
    page.locator("#languages input[value=both]").check()
    assert heading.inner_text().split() == ["Comparison", "report", "图像比对报告"]


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("show", ["en", "zh", "both"])
def test_nothing_is_wider_than_the_window(browser: Browser, written: Path, width: int, show: str) -> None:
    watched = open_page(browser, written, width)
    watched.page.locator(f"#languages input[value={show}]").check()
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    wide = watched.page.evaluate(
        """w => [...document.querySelectorAll('main *')].filter(e => !e.closest('svg, .scroll')
             && e.getBoundingClientRect().right > w + 1).map(e => e.outerHTML.slice(0, 90))""",
        width,
    )
    assert wide == []
    watched.page.context.close()


def test_without_script_everything_is_still_there(browser: Browser, written: Path) -> None:
    watched = open_page(browser, written, script=False)
    page = watched.page
    assert not page.locator("[data-stage]").first.is_visible()
    assert page.locator(".overlay .panels").first.is_visible()
    assert not page.locator("#languages").is_visible()
    assert "图像比对报告" in page.locator("h1").inner_text()
    page.context.close()


def test_it_prints(opened: Watched) -> None:
    page = opened.page
    page.emulate_media(media="print")
    assert not page.locator(".controls").first.is_visible()
    assert page.locator(".overlay .panels").first.is_visible()
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
    assert 10 <= pages <= 28
    sizes = {tuple(float(v) for v in m.split()) for m in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", pdf)}
    assert all(w == pytest.approx(595, abs=1.5) and h == pytest.approx(842, abs=1.5) for _, _, w, h in sizes), "A4"
    assert len(pdf) < 6_000_000


@pytest.mark.parametrize("sample", [single, several])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_calibrated_report_starts_with_one_page_and_fits_a_phone(
    browser: Browser, tmp_path: Path, sample: Callable[[], tuple[Document, Shelf]], lang: report.Language
) -> None:
    made, shelf = sample()
    watched = open_page(browser, report.write(made, tmp_path, lang, shelf).html, 320)
    page = watched.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 673, "height": 990})  # what A4 leaves between its margins, in CSS pixels
    page.emulate_media(media="print")
    assert page.evaluate("document.querySelector('#essentials').getBoundingClientRect().bottom + scrollY") <= 990
    page.context.close()
