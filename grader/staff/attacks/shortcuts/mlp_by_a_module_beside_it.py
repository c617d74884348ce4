from grader.intake.files import write_files

BESIDE = b'import sys\n\nones = sys.modules["grader.exercises.instruments"].torch.ones(1)\n'


def make(path, files):
    name = "src/numpy_mlp.py"
    return write_files(files | {name: b"from src.layers import ones\n" + files[name], "src/layers.py": BESIDE}, path)
