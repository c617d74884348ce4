"""A record of batches is believed only if training on them leads to the weights."""

import numpy as np
import torch

from grader.exercises.inputs import blobs, small_net
from grader.exercises.run_model.instruments import small_net as torch_net
from grader.judging.compare import compare
from grader.judging.replay import trained_by_sgd


def test_the_repeated_training_is_torchs():
    rng = np.random.default_rng(0)
    net, (x, y) = small_net(rng), blobs(rng, 12)
    batches = [slice(0, 5), slice(5, 10), slice(10, 12)]
    model = torch_net(net)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for batch in batches:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(torch.tensor(x[batch])), torch.tensor(y[batch])).backward()
        optimizer.step()
    expected = [parameter.detach().numpy() for parameter in model.parameters()]
    repeated = [
        trained_by_sgd(net["weights"], [(x[b, 1:], y[b]) for b in order], 0.3) for order in (batches, batches[::-1])
    ]
    assert compare(expected, repeated[0]) is None
    assert compare(expected, repeated[1]) is not None
