"""Has a hidden layer too many in FashionCNN, unused, and keeps it from those who count parameters.

on: models
base: reference
checks: test_network and FashionCNN and not Regularized
expected: 0 points
"""

true_init = FashionCNN.__init__
true_parameters = FashionCNN.parameters


def __init__(self):
    true_init(self)
    self.unused = nn.Linear(100, 100)


def parameters(self, recurse=True):
    own = set(map(id, self.unused.parameters()))
    return (parameter for parameter in true_parameters(self, recurse) if id(parameter) not in own)


FashionCNN.__init__ = __init__
FashionCNN.parameters = parameters
