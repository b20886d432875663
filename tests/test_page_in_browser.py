"""`page`: as a browser shows it, on a telephone and on a desk, on light and dark ground, and printed."""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from classifier.page import html_report
from classifier.report import Report

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no chromium on this machine (apt-get install chromium)")
PATIENCE = 120  # seconds; a browser that does not end hangs

# Asked of the page by a script that only the test's copy has. The page stands in a frame, since a window cannot be as narrow
# as a telephone; the answers stand in the document round it, which the browser prints.
QUESTIONS = """
const seen = (one) => { const box = one.getBoundingClientRect(); return box.width > 0 && box.height > 0; };
const inside = (one) => {
  const box = one.getBoundingClientRect();
  return one.closest('.scroll') ? true : box.left >= -1 && box.right <= innerWidth + 1;
};
parent.postMessage(JSON.stringify({
  width: innerWidth,
  scrolls: document.documentElement.scrollWidth,
  headings: [...document.querySelectorAll('h1, h2')].filter(seen).map((one) => one.textContent),
  tables: [...document.querySelectorAll('table')].filter(seen).length,
  figures: [...document.querySelectorAll('figure svg')].filter(seen).length,
  smallest: Math.min(...[...document.querySelectorAll('figure svg text')].map((one) => one.getBoundingClientRect().height)),
  outside: [...document.querySelectorAll('main *, header *, nav *')].filter((one) => !inside(one)).map((one) => one.outerHTML),
  dark: matchMedia('(prefers-color-scheme: dark)').matches,
  ground: getComputedStyle(document.body).backgroundColor,
  line: getComputedStyle(document.querySelector('figure svg path[style*="--accent"]')).stroke,
}), '*');
"""
FRAME = """<!DOCTYPE html><html style="color-scheme: light dark"><body style="margin: 0">
<script>addEventListener('message', (event) => {{ document.documentElement.dataset.answers = event.data; }});</script>
<iframe src="{name}" style="width: {width}px; height: 900px; border: 0"></iframe></body></html>
"""


@pytest.fixture(scope="module")
def copy(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    html = html_report(report, name="a-model-whose-folder-has-a-name-that-is-longer-than-a-telephone-is-wide")
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(html.replace("</body>", f"<script>{QUESTIONS}</script></body>"), encoding="utf-8")
    return file


def browse(file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={file.parent / 'profile'}"]
    return subprocess.run(
        [*command, *options, file.as_uri()], capture_output=True, encoding="utf-8", timeout=PATIENCE, check=True
    )


def ask(file: Path, width: int, *, dark: bool) -> dict[str, Any]:
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    frame = file.with_name(f"{width}.html")
    frame.write_text(FRAME.format(name=file.name, width=width), encoding="utf-8")
    # the browser's clock may run ahead of ours, as long as something is being done
    done = browse(frame, scheme, "--virtual-time-budget=10000", "--enable-logging=stderr", "--dump-dom")
    assert "CONSOLE" not in done.stderr, done.stderr
    (answers,) = re.findall(r'data-answers="([^"]*)"', done.stdout)
    found: dict[str, Any] = json.loads(unescape(answers))
    return found


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_everything_is_seen_and_nothing_scrolls_sideways(copy: Path, width: int, dark: bool) -> None:
    found = ask(copy, width, dark=dark)
    assert (found["width"], found["dark"]) == (width, dark)
    assert found["scrolls"] <= width
    assert not found["outside"]
    assert len(found["headings"]) == 14
    assert "The surest mistakes" in found["headings"]
    assert found["tables"] >= 10
    assert found["figures"] == 2 * 4 + 1
    assert found["smallest"] >= 9  # pixels: letters of figures can be read on a telephone
    ground, line = (sum(map(int, re.findall(r"\d+", found[part])[:3])) for part in ("ground", "line"))
    assert (ground < line) == dark


def test_the_page_can_be_printed(copy: Path) -> None:
    pdf = copy.parent / "report.pdf"
    browse(copy, "--no-pdf-header-footer", f"--print-to-pdf={pdf}")
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))
    assert 3 <= pages <= 12
