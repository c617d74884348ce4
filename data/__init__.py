"""What the networks train on: `load_data` gives arrays, `my_dataset` makes a data set of them.

Importing this package loads nothing, so that a program which needs only the arrays never pays for torch.
"""
