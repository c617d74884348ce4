"""A real browser for tests of pages: headless Chromium, and axe-core in it."""

import importlib.util
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OFFLINE = ("--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", *OFFLINE, "--virtual-time-budget=20000")
DARK = "--blink-settings=preferredColorScheme=0"
NARROW = "--window-size=360,800"  # a phone
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
ANSWER = re.compile(r'<script type="application/json" id="answer">(.*?)</script>', re.DOTALL)
TIMEOUT_S = 120

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")


def dom_of(page: str, folder: Path, *flags: str) -> str:
    """The page's HTML once Chromium has shown it and run what it may run."""
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    with tempfile.TemporaryDirectory() as profile:
        command = [str(CHROMIUM), *FLAGS, *flags, f"--user-data-dir={profile}", "--dump-dom", path.as_uri()]
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=True)
    return done.stdout.decode("utf-8")


def answer_of(page: str, script: str, folder: Path, *flags: str) -> Any:
    """What a script in the page answers.

    The script is the body of an async function.  The page's policy is removed: it refuses scripts.
    """
    asking = f"""<script>(async () => {{
      let found; try {{ found = await (async () => {{ {script} }})() }} catch (error) {{ found = String(error) }}
      const answer = document.createElement("script");
      answer.type = "application/json"; answer.id = "answer";
      answer.textContent = JSON.stringify(found).replaceAll("<", "\\\\u003c"); document.body.append(answer);
    }})()</script></body>"""
    assert POLICY.search(page)
    answer = ANSWER.search(dom_of(POLICY.sub("", page).replace("</body>", asking), folder, *flags))
    assert answer, "the script gave no answer"
    return json.loads(answer[1])


def axe_source() -> str:
    """The text of axe-core.  Skips the test if it is not installed."""
    spec = importlib.util.find_spec("axe_core_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-core-python is not installed: pip install -r grader/staff/requirements.txt")
    return Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8")


def violations(page: str, folder: Path, *flags: str) -> list[str]:
    """What axe finds wrong with a page, each with an element."""
    axe = axe_source().replace("</script", "<\\/script")
    script = "return (await axe.run()).violations.map(one => one.id + ': ' + one.nodes[0].html)"
    return list(answer_of(page, f"{axe}; {script}", folder, *flags))
