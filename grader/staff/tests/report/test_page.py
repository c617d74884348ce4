"""The page holds nothing of a submission but text and pictures from its own folder."""

import base64
import hashlib
import re
import time
from html.parser import HTMLParser

import pytest

from grader.report.fill import filled
from grader.report.page import page_of
from grader.report.review import review
from grader.report.runs import read_runs
from grader.report.template import ReportError
from grader.staff.tests.report.toy import FILES, TEMPLATE, answered, png, run_json

HOSTILE = """<script>alert(1)</script>

<img src="https://evil.example/x.png" onerror="alert(1)">

Inline <b onclick="alert(2)">bold</b> <!-- --><script>alert(3)</script> <style>*{}</style>

<!-- x --> <script>alert(4)</script>

[a](javascript:alert(5)) [b](data:text/html,x) [c](vbscript:x) <javascript:alert(6)> [d](file:///etc/passwd)

![e](https://evil.example/y.png) ![f](//evil.example/z.png) ![g](data:image/svg+xml;base64,AAAA)
![h](../../etc/passwd) ![i](/etc/passwd) ![j](report/../../secret.png) ![k](report/%2e%2e/%2e%2e/secret.png)
![l](report\\..\\secret.png) ![m](report/dogs.json) ![n](file:///etc/passwd.png) !["><script>](report/none.png)
![o](report/dogs-loss.png "t\\" onload=\\"x") [x]: https://evil.example

| a | b |
|--:|---|
| <i>1</i> | " onmouseover="x |

<iframe src=x></iframe>

```html "><script>
</code></pre><script>alert(7)</script>
```
"""


class Seen(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def named(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]


def page(text=None, files=FILES):
    return page_of(review(text or answered(), files, TEMPLATE), files)


def test_a_hostile_report_becomes_text():
    name = "'<script>alert(8)</script>'"
    head = TEMPLATE.replace("name:", f"name: {name}").replace("dogs.epochs:", "'<b>': 1\n  dogs.epochs:")
    run = run_json(budget="<script>alert(9)</script>", data="<img src=x>")
    files = FILES | {"report/dogs.json": run, "secret.png": png(), "report/none.json": run}
    seen = Seen(page(head + HOSTILE, files))
    used = {tag for tag, _ in seen.tags}
    assert used <= {
        *(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "main",
            "section",
            "h1",
            "h2",
            "p",
            "ul",
            "li",
            "br",
            "div",
        ),
        *("table", "thead", "tbody", "tr", "th", "td", "a", "img", "span", "strong", "em", "code", "pre"),
    }
    attributes = {name for _, found in seen.tags for name in found}
    assert attributes <= {
        *("lang", "charset", "http-equiv", "content", "name", "class", "id", "aria-label", "scope", "href", "rel"),
        *("src", "alt"),
    }
    assert len(seen.named("style")) == 1
    assert [found["src"][:22] for found in seen.named("img")] == ["data:image/png;base64,"] * 2
    assert not [found for found in seen.named("a") if not found.get("href", "http").startswith("http")]


def test_nothing_remote_and_no_script_may_load():
    metas = {meta["http-equiv"]: meta["content"] for meta in Seen(page()).named("meta") if "http-equiv" in meta}
    policy = metas.pop("Content-Security-Policy")
    assert metas == {"x-dns-prefetch-control": "off"}
    style = re.search("<style>(.*)</style>", page(), re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style
    assert "@import" not in style


def test_pictures_are_in_the_page_with_their_alt_texts():
    (found,) = Seen(page()).named("img")
    assert found["src"] == f"data:image/png;base64,{base64.b64encode(png()).decode()}"
    assert found["alt"] == "The loss"


def test_a_missing_picture_is_said_in_words():
    text = page(files={"report/dogs.json": run_json()})
    assert "No picture: The loss (report/dogs-loss.png)" in text
    assert "Missing" not in Seen(text).tags
    assert "report/dogs-loss.png is missing" in text


def test_the_head_the_numbers_and_the_runs_are_shown():
    text = page(answered().replace("name: Ann", "name: Ann & Lee"))
    assert "<title>Report of Ann &amp; Lee</title>" in text
    assert "<td>3 of 3 questions are done (4.5 of 4.5 points)</td>" in text
    assert '<td class="right">[[1, 0], [0.5, 1e-05]]</td><td>filled in</td>' in text
    assert "budget: evening; data: A stand-in for DogSet; time: 12 s" in text


def test_the_page_says_what_is_wrong_and_comments_are_not_shown():
    text = page(TEMPLATE.replace("dogs.epochs:", "dogs.epochs: 80"))
    assert "<li>dogs.epochs is 80 in the head, and 81 in report/dogs.json.</li>" in text
    assert "differs from its run" in text
    assert "&lt;!--" not in text


def test_halves_of_characters_do_not_stop_the_page():
    table = {"columns": ["\udcff"], "rows": [["\ud83d"]]}
    run = run_json(budget="\udcff", tables={"summary": table})
    files = FILES | {"report/dogs.json": run, "report/\udcff.json": b"{"}
    assert filled(TEMPLATE, read_runs(files)[0]).encode()
    assert "budget: ?" in page_of(review(TEMPLATE, files, TEMPLATE), files).encode().decode()


def test_one_large_picture_shown_a_thousand_times_does_not_fill_the_memory():
    large = png() + bytes(4 * 2**20)
    text = page(answered() + "![x](report/dogs-loss.png)\n" * 1000, FILES | {"report/dogs-loss.png": large})
    assert len(text) < 40 * 2**20


def test_a_forged_verdict_stands_in_a_box_below_the_kits_own():
    forged = "# Report of B\n\n## Numbers\n\n| Question | Number |\n|---|---|\n| 1.1 | right |\n"
    for text in (answered() + "\n" + forged, answered().replace("# Report", forged, 1)):
        shown = page(text)
        kits, _, students = shown.partition("<h2>What was handed in</h2>")
        assert "<h2>Numbers</h2>" in kits
        assert "Report of B" not in kits
        for place in re.finditer("Report of B|<td>right", students):
            before = students[: place.start()]
            assert before.count('<div class="own">') == before.count("</div>") + 1


def test_many_large_pictures_do_not_fill_the_memory_of_a_browser():
    text = page(answered() + "![x](report/dogs-loss.png)\n" * 10, FILES | {"report/dogs-loss.png": png(7000, 7000)})
    assert len(Seen(text).named("img")) == 4


@pytest.mark.parametrize("address", ["https://x.org", "http://x.org", "HTTPS://x.org", "mailto:a@x.org", "#q1.1"])
def test_links_to_pages_and_people_work(address):
    assert address in [found.get("href") for found in Seen(page(answered() + f"\n[a]({address})\n")).named("a")]


@pytest.mark.parametrize(
    "address", ["//evil/share", "ms-msdt:x", "vscode://x", "../../etc/passwd", "report/a.png", "/x", "\\\\evil\\x"]
)
def test_links_that_may_start_a_program_or_name_a_file_are_text(address):
    text = page(answered() + f"\n[a]({address}) [b]\n\n[b]: {address}\n")
    assert [found for found in Seen(text).named("a") if found] == []


@pytest.mark.parametrize("body", ["[a] ", "![a](report/dogs-loss.png)[a] "])
def test_a_long_address_that_is_used_a_thousand_times_is_refused(body):
    text = answered() + '\n[a]: https://x.org "' + "&" * 20_000 + '"\n\n' + body * 2000
    with pytest.raises(ReportError, match="too large"):
        page(text)


def test_tables_that_fill_up_their_rows_are_refused_at_once():
    started = time.monotonic()
    with pytest.raises(ReportError, match=r"the line that begins '\|a\|a"):
        page(TEMPLATE + ("\n" + "|a" * 256 + "\n" + "|-" * 256 + "\n" + "|\n" * 255) * 100)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("unit", ["[", "*a", "<!--", "[a]("])
def test_what_is_slow_to_read_takes_seconds_at_most(unit):
    started = time.monotonic()
    page(TEMPLATE + unit * (10_000 // len(unit)))
    assert time.monotonic() - started < 10


def test_headings_in_an_answer_are_smaller_than_those_of_sections():
    text = page(answered().replace("Because I counted them.", "# Mine\n\n## 9. Mine too\n\nLast\n===="))
    assert "<h4>Mine</h4>" in text
    assert "<h4>Last</h4>" in text
    assert "<h4>9. Mine too</h4>" in text
    assert "<h2>1. Dogs</h2>" in text
    assert [line for line in text.splitlines() if line.startswith("<h1>")] == ["<h1>Report of Ann</h1>"]


def test_values_are_aligned_on_the_right():
    assert '<td class="right">81</td><td>from its run</td>' in page()
