"""The experiments: what you run to make the figures and tables of your report.

    python -m src.experiments --list                 what there is, what it needs, how long it takes
    python -m src.experiments mnist-sizes            one experiment, about four minutes at most

Each experiment trains your own functions and networks of src/. It writes its figures and its
numbers into the folder report/. You need not read or change anything here, but you may.
"""
