"""The visible points are the same from every front door.

(`make parity` tries more submissions, with all checks.)
"""

import pytest

from grader.staff.proving.parity import Ways, make_submissions


@pytest.mark.slow
def test_every_way_gives_the_same_visible_points(open_folder, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k 'train_epoch_even or train_epoch_uneven or Digit and not learns'")
    ways, submissions = Ways(open_folder), make_submissions(open_folder)
    name = "train_epoch.loss_averages_batches"
    points = ways.points(name, submissions[name])
    assert len(set(points.values())) == 1, points
    assert 2 < points["pytest"] < 8  # it has some of the points of the few checks selected
    name = "a package of the staff's"
    assert set(ways.points(name, submissions[name]).values()) == {0}
