"""The page in Debian's Chromium, at the widths of a desk and of a phone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from clusterbed_workloads.record import Outcome
from report import build
from tests.report import samples

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="apt-get install chromium chromium-driver"),
]

DESK, PHONE, SMALL_PHONE = (1280, 900), (390, 844), (320, 568)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = Options()
    options.binary_location = CHROMIUM or ""
    for flag in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(samples.write(tmp_path_factory.mktemp("results") / samples.RUN))


def show(browser: webdriver.Chrome, page: Path, size: tuple[int, int], scheme: str = "light") -> None:
    width, height = size
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    browser.get(page.as_uri())


def wider_than_the_screen(browser: webdriver.Chrome) -> list[str]:
    """Elements that stick out to the right; what is hidden on purpose does not count."""
    found: list[str] = browser.execute_script(
        """const edge = document.documentElement.clientWidth;
        return [...document.querySelectorAll('body *:not(thead, thead *)')]
          .filter(e => e.getBoundingClientRect().right > edge + 0.5)
          .map(e => `${e.tagName}.${e.className.baseVal ?? e.className}: ${e.textContent.slice(0, 40)}`);"""
    )
    return found


def open_all(browser: webdriver.Chrome) -> None:
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")


def sections(browser: webdriver.Chrome) -> list[WebElement]:
    return browser.find_elements(By.CSS_SELECTOR, "section.experiment")


@pytest.mark.parametrize("size", [DESK, PHONE, SMALL_PHONE])
def test_nothing_is_wider_than_the_screen(
    browser: webdriver.Chrome, page: Path, size: tuple[int, int]
) -> None:
    show(browser, page, size)
    open_all(browser)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
    assert wider_than_the_screen(browser) == []


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_every_experiment_is_seen(browser: webdriver.Chrome, page: Path, size: tuple[int, int]) -> None:
    """E1.1-E1.6, each with its plot, its verification and its files."""
    show(browser, page, size)
    assert [item.get_attribute("id") for item in sections(browser)] == [f"E1-{n}" for n in range(1, 7)]
    for item in sections(browser):
        assert item.is_displayed()
        plot = item.find_element(By.TAG_NAME, "svg")
        assert plot.size["width"] > 0.8 * size[0] - 400
        assert plot.size["height"] > 100
        folds = [fold.text.split("\n")[0] for fold in item.find_elements(By.TAG_NAME, "summary")]
        assert any(fold.startswith("Verification") for fold in folds)


def test_a_failed_check_is_open_without_a_click(browser: webdriver.Chrome, page: Path) -> None:
    show(browser, page, PHONE)
    opened = browser.find_elements(By.CSS_SELECTOR, "details[open]")
    assert len(opened) == 1
    assert "✗ 6 of 7" in opened[0].text


def test_nothing_is_requested_and_nothing_complains(browser: webdriver.Chrome, page: Path) -> None:
    browser.get_log("performance")
    browser.get_log("browser")
    show(browser, page, DESK)
    open_all(browser)
    sent = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [
        event["params"]["request"]["url"] for event in sent if event["method"] == "Network.requestWillBeSent"
    ]
    assert [url for url in asked if not url.startswith("data:")] == [page.as_uri()]
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(browser: webdriver.Chrome, page: Path, scheme: str) -> None:
    """WCAG AA: 4.5 to 1 between every text and what lies behind it."""
    show(browser, page, DESK, scheme)
    open_all(browser)
    faint = browser.execute_script(
        """const rgb = c => c.match(/[\\d.]+/g).map(Number);
        const lum = c => { const [r, g, b] = rgb(c).map(v => { v /= 255;
          return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const behind = e => { for (; e; e = e.parentElement) {
          const c = getComputedStyle(e).backgroundColor; if ((rgb(c)[3] ?? 1) === 1) return c; } };
        return [...document.querySelectorAll('body *')]
          .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
          .map(e => { const s = getComputedStyle(e), svg = e.closest('svg');
            const a = lum(svg ? s.fill : s.color), b = lum(behind(svg ? svg.parentElement : e));
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            return [ratio, e.tagName, e.textContent.slice(0, 30)]; })
          .filter(([ratio, tag]) => ratio < 4.5 && !['TITLE', 'DESC'].includes(tag.toUpperCase()));"""
    )
    assert faint == []


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_a_line_without_end_does_not_widen_the_page(
    browser: webdriver.Chrome, tmp_path: Path, size: tuple[int, int]
) -> None:
    endless = "x" * 3000
    found = [
        samples.record("E1.2", "expert").model_copy(
            update={"settings": {endless: endless}, "notes": (endless,), "metrics": {endless: endless}}
        ),
        samples.record("E1.3", "a-variant-with-a-rather-long-name-that-nobody-expects", repeat=1),
        samples.record("E1.4", outcome=Outcome.FAILED, error=endless),
    ]
    show(browser, build(samples.write(tmp_path / "run", found)), size)
    open_all(browser)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
