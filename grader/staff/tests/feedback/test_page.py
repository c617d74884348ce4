"""feedback.html shows what results.json shows, to everyone, and runs nothing of a submission."""

import base64
import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from data.pentagons import PENTAGONS
from grader.assignment import KIT, VARIABLE
from grader.exercises.autoencoder.questions import reconstructions_picture
from grader.exercises.inputs import SCRIPTED_RATE
from grader.exercises.models.pictures import by_digit, confusion, maps_picture, most_wrong
from grader.exercises.run_model.instruments import ScriptedModel, scripted_sets
from grader.exercises.run_model.questions import training_losses
from grader.feedback.header import Header
from grader.feedback.page import Facts, page_of
from grader.feedback.pictures.canvas import near
from grader.feedback.pictures.draw import FOR_GRADESCOPE, KINDS, MOST_BYTES, MOST_OF_CHECK, Drawn, draw, draw_all
from grader.feedback.results import gradescope_results, results_text
from grader.judging.advice import NOTHING_RETURNED
from grader.judging.compare import compare
from grader.judging.picture import NotDrawn, Picture, require_small
from grader.judging.record import Apart, Feedback, Figure, Origin, Record, Status
from grader.judging.values import Value, values_of
from grader.sandbox.probe import PROBES
from grader.staff.tests.conftest import CORE, run, unwrapped
from grader.staff.tests.feedback.browser import DARK, NARROW, answer_of, dom_of, needs_chromium, violations
from grader.staff.tests.submissions import changed, make_submission, reference_text

FACTS = Facts(
    "Homework 1",
    [("submission", "ab12"), ("kit", "0.1.0"), ("data", "offline digits"), ("seed", "fixed")],
    ["src/models.py was not handed in."],
    [Figure("accuracy", 91.25, 94.0)],
    Apart("The report", "Report: 3 of 4 questions.", "2 of 3 numbers"),
    True,
    "Next: train_epoch.  Run  pytest tests/ -k train_epoch",
)
RNG = np.random.default_rng(0)
IMAGES = {"rows": [("given", RNG.random((3, 8, 8)), 0.0, 1.0)], "captions": ["a", "b", "c"], "alt": "Three images."}
GRID = {"said": RNG.random((9, 9)), "borders": list(PENTAGONS), "wrong": RNG.random((5, 2)), "size": 1000.0}
LAYOUT = {"expected": "permute(0, 3, 1, 2)", "found": "view((3, 3, 64, 64))"}
DATA = {
    "stop": {"losses": [3.0, 2.0, 2.5, 1.0], "expected": 3, "found": 4, "loss": "validation loss"},
    "curves": {"curves": [("train", [2.0, 1.0], [2.0, 1.5])], "what": "loss"},
    "images": IMAGES,
    "layout": LAYOUT,
    "matrix": {"expected": np.eye(3), "found": np.ones((3, 3))},
    "confusion": {"counts": np.array([[5, 1], [2, 7]])},
    "regions": {**GRID, "n_wrong": 5, "n_points": 60},
    "weights": {"found": RNG.normal(size=50), "bound": 0.5, "what": "weights of layer 1"},
}
SCRIPT = "<script>document.title='changed'</script><img src=x onerror=\"document.title='changed'\">"


def record(number="1.1", says="The loss is wrong.", status=Status.FAILED, **fields):
    feedback = Feedback(says, "expected 1, got 2", "printed", "It is wrong.") if status == Status.FAILED else None
    usual = {"title": f"Check {number}.", "exercise": "run_model", "function": "train_epoch", "max_points": 2.0}
    return Record(**usual | {"number": number, "status": status, "feedback": feedback} | fields)


def records():
    """A record of every kind: failed with each picture, hidden, passed, blocked, told elsewhere."""
    pictures = [Picture(kind, f"A picture: {kind}", data) for kind, data in DATA.items()]
    steps = Picture("steps", "Step by step", {"rows": [("ReLU", "ReLU"), ("Linear(3, 2)", "Linear(3, 4)")]})
    line = Origin("raised src/run_model.py:7")
    told = Feedback("evaluate raised ValueError.", "line 7", origin=line, values=(Value("loss", "0.5", "1"),))
    return [
        *(
            record(f"1.{i}", pictures=[picture], hints=(f"A known mistake {i}.",))
            for i, picture in enumerate([*pictures, steps])
        ),
        record("2.1", feedback=told),
        record("2.2", feedback=told),
        record("3.1", status=Status.PASSED, points=2.0),
        record("3.2", status=Status.BLOCKED, feedback=Feedback("Not checked yet: first fix evaluate.")),
        record(
            "H1", "SECRET inputs", hidden=True, visibility="after_published", hints=("A hint.",), pictures=pictures[:1]
        ),
    ]


class Parts(HTMLParser):
    """The tags of a page, and their attributes."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def require_harmless(page):
    """The page has no script, no handler of events, and no address except places and pictures."""
    parts = Parts(page)
    assert not {"script", "iframe", "object", "embed", "link", "form", "svg", "base"} & set(parts.tags)
    assert [name for _, name, _ in parts.attributes if name.startswith("on") or name == "style"] == []
    addresses = [value for _, name, value in parts.attributes if name in ("src", "href", "srcset", "action")]
    assert all(value.startswith(("#", "data:image/svg+xml;base64,")) for value in addresses)
    policy = next(value for tag, _, value in parts.attributes if tag == "meta" and "default-src" in value)
    assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy


# What is on it


def test_the_page_shows_causes_checks_and_facts_and_ends_with_what_to_do_next():
    page = page_of(records(), FACTS)
    places = [page.index(text) for text in ('id="fix"', 'id="checks"', 'id="run"', 'id="next"', FACTS.next)]
    assert places == sorted(places)
    for text in (
        "A known mistake 1.",
        "The loss is wrong.",
        "expected 1, got 2",
        "What your code printed",
        "ab12",
        "94",
    ):
        assert text in page
    assert 'The reason is the same as in <a href="#check-10">2.1</a>' in page
    assert page.count('<img src="data:image/svg+xml;base64,') == len(KINDS)
    require_harmless(page)


def test_a_hidden_check_shows_its_hint_and_its_public_sentence_only():
    page = page_of(records(), FACTS)
    assert "H1" in page and "A hint." in page and "It is wrong." in page
    assert "SECRET" not in page
    *_, hidden = everything = records()
    assert id(hidden) not in draw_all(everything)
    (causes,) = re.findall(r'<ol class="causes">(.*?)</ol>', page, re.DOTALL)
    assert "A hint." not in causes


def test_a_check_shows_expected_and_actual_values_in_a_table_of_their_own():
    values = (Value("loss, entry 2", "0.5", SCRIPT, told="Also: The loss is wrong."), Value("w" * 2000, "1", "2"))
    feedback = Feedback("The loss is wrong.", "Also: The loss is wrong.\nline 7", values=values)
    page = page_of([record("1.1", feedback=feedback)], FACTS)
    (table,) = re.findall(r'<table class="values">(.*?)</table>', page, re.DOTALL)
    cells = re.findall(r"<t[hd](?: [^>]*)?>(.*?)</t[hd]>", table, re.DOTALL)
    assert cells[:5] == ["value", "expected", "yours", "loss, entry 2", "0.5"]
    assert cells[5].startswith("&lt;script&gt;") and len(cells[6]) < 600
    assert "line 7" in page and "Also:" not in page
    assert '<table class="values">' not in page_of([record("H1", feedback=feedback, hidden=True)], FACTS)
    require_harmless(page)


def test_code_in_the_kits_own_words_is_shown_as_code():
    told = Feedback(f"train_epoch raised TypeError.  {NOTHING_RETURNED}")
    hinted = record("1.1", title="It takes `patience`.", hints=("Use `<` and `a & b`.",))
    page = page_of([hinted, record("1.2", feedback=told)], FACTS)
    assert "It takes <code>patience</code>." in page
    assert page.count("Use <code>&lt;</code> and <code>a &amp; b</code>.") == 2  # as a cause, and in its check
    assert page.count("Look for a missing <code>return</code>.") == 2
    require_harmless(page)


def test_what_a_submission_says_between_backticks_gets_no_markup():
    evil = f"`{SCRIPT}` and `x`"
    records = [record("1.1", evil), record("1.2", feedback=Feedback("It is wrong.", evil, evil))]
    page = page_of(records, FACTS)
    assert "<code>" not in page and "` and `x`" in page
    require_harmless(page)


def test_every_picture_has_an_alternative_text_that_says_what_it_shows():
    alts = [draw(Picture(kind, "", data)).alt for kind, data in DATA.items()]
    assert all(len(alt) > 40 for alt in alts[:2] + alts[3:])
    assert "should stop after epoch 3; it stopped after epoch 4" in alts[0]


def test_where_training_stopped_is_shown_with_the_training_loss():
    reference: dict[str, Any] = {}
    exec(reference_text("run_model"), reference)
    settings = dict(batch_size=4, learning_rate=SCRIPTED_RATE, n_epochs=3)
    trained = reference["run_model"](ScriptedModel([66.0, 65.0, 64.0]), "train", *scripted_sets(2), **settings)
    assert trained[1]["train"] == training_losses(n_epochs=3, n_batches=2)
    drawn = draw(Picture("stop", "", DATA["stop"] | {"training": [64.0, 63.5, 63.0, 62.5]}))
    svg = base64.b64decode(drawn.address.partition(",")[2]).decode()
    assert "thin line: 64, 63.5, 63, 62.5" in drawn.alt and "training loss" in svg
    assert "training loss" not in draw(Picture("stop", "", DATA["stop"])).alt


def test_values_are_left_out_only_if_they_would_hide_the_expected_ones():
    assert np.isfinite(near(np.array([1.25, 1.5, 2.0]), np.full(3, 2.0))).all()
    assert np.isnan(near(np.array([2.0, 1e6]), np.array([2.0, 1.0]))).tolist() == [False, True]


def test_rows_of_images_may_differ_in_size():
    rows = [("image", RNG.random((1, 28, 28)), 0, 1), ("expected", RNG.random((3, 24, 24)), 0, 1)]
    assert draw(Picture("images", "", {"rows": rows, "captions": [], "alt": "Images."})).address


def test_only_feature_maps_and_reconstructions_that_differ_are_shown():
    maps, digits = RNG.random((3, 24, 24)), RNG.random((3, 28, 28))
    assert maps_picture((1, 28, 28), maps, maps) is None and reconstructions_picture(digits, digits) is None
    for shape in ((28, 28), (3, 64, 64), (64, 64, 3)):
        assert draw(maps_picture(shape, maps[:2, :20], maps)).address
    drawn = draw(reconstructions_picture(np.full((3, 28, 28), np.nan), digits))
    assert drawn.address and "as expected" in drawn.alt


def test_a_wrong_network_is_shown_by_its_feature_maps(judge, tmp_path):
    viewed = reference_text("models").replace("images.permute(0, 3, 1, 2)", "images.reshape(-1, 3, 64, 64)")
    submission, page = make_submission(tmp_path / "submission", models=viewed), tmp_path / "feedback.html"
    judge(submission, "test_network and DogClassifierConv", f"--page={page}", secret=b"s" * 32)
    text = page.read_text(encoding="utf-8")
    assert "3 feature maps of the first convolution" in text and "60x60 pixels are expected" in text


# What a submission may return


@pytest.mark.parametrize(
    "kind, data",
    [
        ("stop", {"losses": [np.nan] * 4, "expected": 2, "found": 3, "loss": "loss"}),
        ("curves", {"curves": [("t", [2.0, 1.0], [1e300, 10**30])], "what": "loss"}),
        ("curves", {"curves": [("t", [2.0, 1.0], ["<b>", None])], "what": "loss"}),
        ("curves", {"curves": [("t", [2.0, 1.0], [])], "what": "loss"}),
        ("images", IMAGES | {"rows": [("", np.full((3, 4, 4), np.inf), 0.0, 1.0)]}),
        ("images", IMAGES | {"rows": [("", np.zeros((3, 4)), 0.0, 1.0)]}),
        ("layout", LAYOUT | {"found": "view((0, 999999999999))"}),
        ("matrix", {"expected": np.eye(3), "found": np.full((3, 3), np.nan)}),
        ("matrix", {"expected": np.eye(3), "found": np.zeros((0, 3))}),
        ("confusion", {"counts": [[1, 2], [3]]}),
        ("regions", DATA["regions"] | {"said": np.full((9, 9), np.nan)}),
        ("weights", DATA["weights"] | {"found": np.array([np.nan, -np.inf])}),
        ("weights", DATA["weights"] | {"found": np.array([1e29, -1e29])}),
    ],
)
def test_odd_values_become_a_picture_or_a_sentence(kind, data):
    drawn = draw(Picture(kind, "", data))
    assert bool(drawn.address) != drawn.problem.startswith("There is no picture")


@pytest.mark.parametrize("data", [np.zeros(300_000), [[[[[[1]]]]]], list(range(3000)), {"a": [np.zeros(150_000)] * 2}])
def test_what_is_too_large_is_not_kept(data):
    with pytest.raises(NotDrawn):
        require_small({"found": data})


def test_pictures_of_failed_checks_come_first_and_never_fill_the_page():
    picture = Picture("stop", "", DATA["stop"])
    passed, failed = record(status=Status.PASSED, pictures=[picture] * 3), record(pictures=[picture] * 9)
    drawn = draw_all([passed, failed], 90_000)
    assert len(drawn[id(failed)]) == MOST_OF_CHECK and drawn[id(failed)][0].address
    assert sum(len(one.address) for ones in drawn.values() for one in ones) <= 90_000 < MOST_BYTES
    assert drawn[id(passed)][-1].problem.startswith("There is no room")


@pytest.mark.parametrize("shape", [(1, 1, 20_000), (10, 1, 10_000), (1, 20_000, 1)])
def test_images_that_only_their_frames_make_large_are_not_drawn(shape):
    """The space between images grows with them: a row of 20,000 pixels took 3 s and 800 MB."""
    rows = [("yours", np.zeros(shape), 0.0, 1.0)]
    assert "larger than" in draw(Picture("images", "", {"rows": rows, "captions": [], "alt": ""})).problem


def test_texts_never_fill_the_page():
    """A quotation mark takes five bytes there."""
    long = '"' * 10_000
    values = tuple(Value(long, long, long) for _ in range(12))
    failed = [record(f"1.{i}", long, feedback=Feedback(f"{i}{long}", long, long, values=values)) for i in range(90)]
    page = page_of(failed, FACTS)
    assert len(page.encode()) + MOST_BYTES < 2_000_000
    assert page.count("There is no room for more") > 80


def test_values_of_another_form_are_told():
    expected, got = [np.zeros((2, 2)), np.zeros(3)], np.zeros(1)
    difference = compare({"weights": expected}, {"weights": got})
    (value,) = values_of([difference], PROBES["train_epoch"], "train_epoch")
    assert (value.what, value.found) == ("weights", "an array of shape (1,)")


EVIL = """
import os, sys, types
class Evil({base}):
    pass
Evil.__name__ = Evil.__qualname__ = "</td>{script}"
"""
PRINTS = (
    "    model.train()\n",
    f"    model.train()\n    print({SCRIPT!r}, '\\x1b[31m')\n    raise ValueError({SCRIPT!r} + '</pre></main>')\n",
)


@pytest.fixture(scope="module")
def hostile(judge, tmp_path_factory):
    """The page of a submission that prints, raises, and names things with markup."""
    folder = tmp_path_factory.mktemp("hostile")
    named = EVIL.format(base="torch.nn.ReLU", script=SCRIPT.replace('"', "'"))
    old = "nn.ReLU()"
    models = changed("models", old, "Evil()").replace("\nclass ", f"\n{named}\nclass ", 1)
    run_model = changed("run_model", *PRINTS)
    submission = make_submission(folder / "submission", run_model=run_model, models=models)
    (submission / "src" / "<b onclick=1>.txt").write_text("")
    page = folder / "feedback.html"
    judge(submission, "train_epoch or test_network", f"--page={page}")
    return page.read_text(encoding="utf-8")


def test_a_submission_can_not_put_markup_into_the_page(hostile):
    assert "&lt;script&gt;document.title" in hostile and "raised ValueError" in hostile
    assert "&lt;b onclick=1&gt;.txt" in hostile
    require_harmless(hostile)


@needs_chromium
def test_a_submission_can_not_run_anything_in_the_page(hostile, tmp_path):
    shown = dom_of(hostile, tmp_path)
    assert "<title>Feedback: Deep learning" in shown and "changed</title>" not in shown
    assert Parts(shown).tags == Parts(hostile).tags


# In a browser


@needs_chromium
@pytest.mark.parametrize("flags", [(), (DARK,), (NARROW,)], ids=["light", "dark", "phone"])
def test_axe_finds_nothing_wrong(tmp_path, flags):
    assert violations(page_of(records(), FACTS), tmp_path, *flags) == []


@needs_chromium
def test_every_link_leads_to_its_place_and_a_phone_scrolls_in_one_direction_only(tmp_path):
    script = """
      const places = [...document.querySelectorAll("a")].map(link => {
        link.click(); const place = document.querySelector(":target");
        return [link.hash, place && "#" + place.id, place && place.textContent.length > 3] });
      return [places, document.documentElement.scrollWidth, innerWidth]"""
    places, width, window = answer_of(page_of(records(), FACTS), script, tmp_path, NARROW)
    assert len(places) > 10 and all(wanted == found and told for wanted, found, told in places)
    assert width <= window


# A whole run


def test_a_run_draws_its_page_after_the_results_and_names_itself(judge, tmp_path):
    wrong = changed("run_model", "loss_sum / n_examples", "loss_sum")
    submission = make_submission(tmp_path / "submission", run_model=wrong)
    page, results = tmp_path / "feedback.html", tmp_path / "results.json"
    judge(submission, "train_epoch", f"--page={page}", f"--results={results}", secret=b"s" * 32)
    text = page.read_text(encoding="utf-8")
    cells = re.search(r'<tr><th scope="row">loss[^<]*</th><td>([^<]+)</td><td>([^<]+)</td></tr>', text)
    assert cells and cells[1] != cells[2]
    assert "staff&#39;s secret" in text and "-k train_epoch" in text and str(submission) not in text
    assert page.stat().st_mtime_ns >= results.stat().st_mtime_ns


def test_what_evaluate_changes_is_told_in_words_that_a_student_knows(judge, tmp_path):
    text = changed("run_model", "            module.training = training", "            pass")
    page = tmp_path / "feedback.html"
    judge(make_submission(tmp_path / "submission", run_model=text), "evaluate_leaves_the_model", f"--page={page}")
    shown = page.read_text(encoding="utf-8")
    assert "<td>no change</td><td>changed: the mode of the model, the mode of its first linear layer" in shown
    assert "recorder" not in shown


def test_gradescope_gets_the_pictures_of_visible_checks_beside_their_escaped_text():
    evil = record("1.1", SCRIPT, pictures=[Picture("stop", "<b>", DATA["stop"])])
    hidden = record("H1", hidden=True, visibility="after_published", pictures=evil.pictures)
    plain = record("1.2", pictures=[Picture("steps", "", {"rows": [("a", "b")]})])
    drawn = draw_all([evil, hidden, plain], *FOR_GRADESCOPE)
    shown, *others = gradescope_results([evil, hidden, plain], Header(), drawn=drawn)["tests"]
    assert shown["output_format"] == "html" and '<img src="data:image/svg+xml;base64,' in shown["output"]
    assert Parts(shown["output"]).tags == ["pre", "p", "p", "img"] and "&lt;script&gt;" in shown["output"]
    assert all(len(one.address) <= 100_000 for ones in drawn.values() for one in ones)
    assert not any("output_format" in other for other in others)


def test_pictures_make_room_for_the_texts_of_results():
    records = [record(f"1.{i}", "a" * 9000) for i in range(90)]
    drawn = {id(records[0]): [Drawn("a picture", "data:" + "x" * 90_000, "alt")]}
    assert "<img" in results_text(records[:9], Header(), drawn)
    assert "<img" not in (text := results_text(records, Header(), drawn)) and "a" * 9000 in text


def test_a_run_writes_pictures_for_gradescope_if_the_assignment_asks_for_them(judge, tmp_path, monkeypatch):
    asks = tmp_path / "assignment.toml"
    asks.write_text(CORE.read_text(encoding="utf-8") + "\n[gradescope]\npictures = true\n", encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(asks))
    viewed = reference_text("models").replace("images.permute(0, 3, 1, 2)", "images.reshape(-1, 3, 64, 64)")
    submission = make_submission(tmp_path / "submission", models=viewed)
    results = tmp_path / "results.json"
    judge(submission, "test_network and DogClassifierConv", f"--results={results}", folders=[KIT / "tests"])
    (test,) = json.loads(results.read_text(encoding="utf-8"))["tests"]
    assert test["output_format"] == "html" and "data:image/svg+xml" in test["output"] and "permute" in test["output"]


def test_a_finished_submission_that_was_graded_is_not_told_to_hand_in_again(judge, tmp_path):
    page = tmp_path / "feedback.html"
    judge(make_submission(tmp_path / "submission"), "train_epoch_even", f"--page={page}", secret=b"s" * 32)
    assert "Every point is earned" in page.read_text(encoding="utf-8")


def test_a_trained_network_is_shown_by_the_digits_that_people_see():
    digits, names, x = np.arange(10), np.roll(np.arange(10), 3), RNG.random((10, 28, 28))
    logits = np.eye(10)[names]  # each image gets the label that it was trained with
    logits[4] = np.eye(10)[names[9]]
    counts = confusion(by_digit(logits, names), digits).data["counts"]
    assert counts.trace() == 9 and counts[4, 9] == 1
    assert most_wrong(by_digit(logits, names), x, digits).data["captions"] == ["is 4\nsays 9"]
    with pytest.raises(NotDrawn):
        by_digit(np.zeros((10, 2)), names)


def test_a_page_that_can_not_be_written_changes_no_results(judge, tmp_path):
    submission = make_submission(tmp_path / "submission")
    (tmp_path / "folder").mkdir()
    done = judge(submission, "test_train_epoch_weights", f"--page={tmp_path / 'folder'}")
    assert done.returncode == 0 and "could not be written" in unwrapped(done.stdout)


def test_the_page_costs_nothing_at_the_start():
    program = "import sys, grader.plugin, grader.cli\nprint({'matplotlib', 'jinja2', 'PIL'} & set(sys.modules))"
    assert run("-c", program).stdout.strip() == "set()"
