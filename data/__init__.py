"""The data that the networks train on: `load_data` gives arrays, `my_dataset` makes a data set of them.

Importing this package loads nothing, so that a program that needs only the arrays does not load torch.
"""
