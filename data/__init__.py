"""The data of the networks: `load_data` gives arrays, `my_dataset` makes a data set of them.

Importing this package loads nothing, so a program that needs only the arrays does not load torch.
"""
