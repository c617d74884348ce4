"""Measures how much of the comparison's tolerance a second thread uses up.

Machines add numbers in another order, and no submission may lose points by that.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.items import new_record, run_check
from grader.judging.compare import allowed, is_numeric
from grader.judging.exchange import Verdict, part
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.sandbox.client import Asker

MARGIN = 10  # times the tolerance must be what two threads differ by


def tolerance_used(checks: Iterable[pytest.Function], reference: Path, asks: Asker, seed: bytes) -> float:
    """The largest difference between the reference's answers on one thread and on two.

    Only exact checks count. The unit is the tolerance of the comparison.
    """
    run = Run(Settings(reference, seed=seed, asks=asks))
    shares = [0.0]
    try:
        for item in checks:
            run_check(item, run, new_record(item, run.assignment))
        for exchange in run.exchanges:
            if exchange.verdict == Verdict.AGREED and not exchange.only_here:
                twice = asks.ask(reference, replace(exchange.call, threads=2)).observation
                shares.append(
                    share(part(exchange.answer.observation, exchange.keys), part(twice, exchange.keys), exchange.rtol)
                )
    finally:
        run.close()
    return max(shares)


def share(one: Any, two: Any, rtol: float) -> float:
    """The largest difference between numbers in two observations.

    The unit is what compare.close allows. The result is infinite if the observations differ
    elsewhere.
    """
    if isinstance(one, dict) and isinstance(two, dict) and one.keys() == two.keys():
        return max((share(one[key], two[key], rtol) for key in one), default=0.0)
    if is_numeric(one) and np.shape(one) == np.shape(two):
        a, b = np.asarray(one, np.float64), np.asarray(two, np.float64)
        finite = np.isfinite(a)
        if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
            return np.inf
        near = allowed(rtol, np.abs(a[finite]).max(initial=0.0))
        return float(np.abs(a[finite] - b[finite]).max(initial=0.0) / near)
    if isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        return max((share(a, b, rtol) for a, b in zip(one, two, strict=True)), default=0.0)
    return 0.0 if type(one) is type(two) and one == two else np.inf
