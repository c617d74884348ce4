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
