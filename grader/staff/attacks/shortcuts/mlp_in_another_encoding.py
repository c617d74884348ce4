from grader.intake.files import write_files

CODE = b'\nimport sys\n\nones = sys.modules["grader.exercises.instruments"].torch.ones(1)\n'


def make(path, files):
    name = "src/numpy_mlp.py"
    return write_files(files | {name: b"# coding: utf-7\n" + files[name].replace(b"+", b"+-") + CODE}, path)
