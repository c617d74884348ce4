"""The same visible points from every front door.  (For more submissions, with all checks: `make parity`.)"""

from grader.staff.parity import Ways, make_submissions


def test_every_way_gives_the_same_visible_points(open_folder, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k 'train_epoch_even or train_epoch_uneven or Digit and not learns'")
    ways, submissions = Ways(open_folder), make_submissions(open_folder)
    for name, least, most in [("a missing file", 10, 16), ("train_epoch.loss_averages_batches", 1, 17)]:
        points = ways.points(name.replace(" ", "_"), submissions[name])
        assert len(set(points.values())) == 1, points
        assert least < points["pytest"] < most
