def make(path, files):
    (path / "src").mkdir(parents=True)
    (path / "src" / "run_model.py").write_text("x = " + "(" * 100_000 + ")" * 100_000 + "\ndef evaluate(" * 10_000)
    (path / "src" / "models.py").write_text("x = " + "9" * 500_000 + "\ny = " + "-" * 200_000 + "1\n")
    return path
