"""One submission's time by the clock."""

from grader.judging.clock import MOST_S, Clock
from grader.sandbox.call import Call


def test_a_submission_that_waits_gets_less_patience():
    clock, call = Clock(), Call("any", cpu_s=5.0)
    limits = []
    for _ in range(10):
        limited = clock.limited(call)
        limits.append(limited.wall_s)
        clock.note(limited, limited.wall_s * 0.95)
    assert limits == sorted(limits, reverse=True)
    assert (limits[0], limits[-1]) == (20.0, 1.5)


def test_quick_calls_cost_no_patience():
    clock, call = Clock(), Call("any", cpu_s=5.0)
    for _ in range(100):
        clock.note(clock.limited(call), 2.0)
    assert clock.limited(call).wall_s == 20.0


def test_no_call_may_take_longer_than_what_is_left():
    clock = Clock()
    clock.started -= MOST_S - 3
    assert clock.limited(Call("any", cpu_s=5.0)).wall_s < 3.1
    clock.started -= 3
    assert clock.is_over


def test_an_assignment_with_more_time_has_more_clock_time_too():
    clock = Clock(factor=2.0)
    clock.started -= 1.5 * MOST_S
    assert not clock.is_over
