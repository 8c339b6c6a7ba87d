"""Chromium without a window, for the tests and the benchmark of the report."""

import contextlib
import os
import subprocess
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

ASSOCSYNC = os.environ.get("ASSOCSYNC_BINARY", "build/dev/assocsync")


@contextlib.contextmanager
def chromium(width=1400, height=1000):
    """A browser of its own: its profile goes with it, and so do its processes."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for word in (
            "--headless=new",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
        ):
            options.add_argument(word)
        if os.geteuid() == 0:  # Chromium's sandbox does not run as root.
            options.add_argument("--no-sandbox")
        options.set_capability(
            "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
        )
        driver = webdriver.Chrome(
            service=Service("/usr/bin/chromedriver"), options=options
        )
        try:
            yield driver
        finally:
            driver.quit()


def make_report(path, target, live, *more):
    """Runs the real program; returns its exit status."""
    with open(path, "wb") as out:
        return subprocess.run(
            [ASSOCSYNC, "plan", target, "--live", live, "--format", "html"]
            + list(more),
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
        ).returncode


def search(driver, text):
    """Types `text` at once; milliseconds until the page is drawn with it."""
    return driver.execute_async_script(
        """
        const [text, done] = arguments;
        const box = document.getElementById('query');
        box.value = text;
        const start = performance.now();
        box.dispatchEvent(new Event('input'));
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => done(performance.now() - start);
          channel.port2.postMessage(0);
        });
        """,
        text,
    )


def first_paint(driver):
    """Milliseconds from the start of loading to the first text on the screen."""
    return driver.execute_async_script(
        """
        const done = arguments[0];
        const look = () => {
          const paint = performance.getEntriesByName('first-contentful-paint');
          if (paint.length > 0) done(paint[0].startTime);
          else requestAnimationFrame(look);
        };
        look();
        """
    )
