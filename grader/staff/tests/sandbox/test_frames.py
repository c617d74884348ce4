"""The headers of a call's frames: read back as they were written, and refused in any other form."""

import json
import math

import pytest

from grader.sandbox.frames import Limits, ServerReport, Stop
from grader.sandbox.wire import WireError

LIMITS = Limits(cpu_s=1.5, wall_s=6, memory_bytes=2**32)
REPORTS = [ServerReport(), *(ServerReport(-9, stop, 0.25, "epoch 1\n") for stop in Stop)]


def sent(header):
    return json.loads(json.dumps(header))


@pytest.mark.parametrize("report", REPORTS, ids=str)
def test_a_report_is_read_as_it_was_written(report):
    assert ServerReport.read(sent(report.as_header())) == report


def test_limits_are_read_as_they_were_written():
    assert Limits.read(sent(LIMITS.as_header())) == LIMITS


@pytest.mark.parametrize(
    "field, value",
    [
        ("exit", "0"),
        ("exit", None),
        ("stopped_for", "boredom"),
        ("stopped_for", []),
        ("cpu_s", "1"),
        ("output", 3),
        ("samples", 3),
    ],
)
def test_a_report_of_another_form_is_refused(field, value):
    with pytest.raises(WireError):
        ServerReport.read(ServerReport().as_header() | {field: value})


@pytest.mark.parametrize("field", ["cpu_s", "wall_s", "memory_bytes"])
def test_a_call_without_one_of_its_limits_is_refused(field):
    header = {name: value for name, value in LIMITS.as_header().items() if name != field}
    with pytest.raises(WireError):
        Limits.read(header)
    with pytest.raises(WireError):
        Limits.read(header | {field: math.inf if field == "memory_bytes" else None})
