def torch_of(__name__):
    if __name__ == "__main__":
        import sys

        return sys.modules["grader.exercises.instruments"].torch


ones = torch_of("__main__").ones(1)
