"""Advice on exceptions: every row of the table is reached by the exception that it is for."""

import pytest

from grader.judging.advice import NO_PROGRAM, NO_TERMINAL, SECTIONS, Advice, advice_on, find

# An exception for each row, in the order of the table. Type and text are as Python or a library
# writes them.
EXAMPLES = [
    # The file can't be read as Python
    ("SyntaxError", "Missing parentheses in call to 'print'. Did you mean print(...)?\nprint 'training'"),
    ("TabError", "inconsistent use of tabs and spaces in indentation"),
    ("IndentationError", "unexpected indent\n      model.train()"),
    ("SyntaxError", "'return' outside function\nreturn model"),
    ("SyntaxError", "(unicode error) 'utf-8' codec can't decode byte 0xe9 in position 17: unexpected end of data\n"),
    ("ValueError", "source code string cannot contain null bytes"),
    ("UnicodeDecodeError", "'utf-8' codec can't decode byte 0xe9 in position 17: invalid continuation byte"),
    ("SyntaxError", "invalid character '\u201c' (U+201C)\nif running_mode == \u201ctest\u201d:"),
    ("SyntaxError", "invalid non-printable character U+FEFF\n\ufeffimport torch"),
    ("SyntaxError", "invalid syntax\n```python"),
    ("SyntaxError", "invalid syntax\n<<<<<<< HEAD"),
    ("SyntaxError", "invalid syntax\n!pip install torch"),
    ("SyntaxError", "invalid syntax\n>>> import torch"),
    ("SyntaxError", "'(' was never closed\n    model.train("),
    ("SyntaxError", "expected ':'\nclass LeNet5(nn.Module)"),
    ("SyntaxError", "unterminated string literal (detected at line 3)\nprint('done)"),
    ("NameError", "name 'null' is not defined"),
    ("NameError", "name 'raw_input' is not defined. Did you mean: 'input'?"),
    ("NameError", "name 'get_ipython' is not defined"),
    ("NameError", "name 'Net' is not defined", "super(Net, self).__init__()"),
    # Imports
    ("ImportError", "attempted relative import beyond top-level package"),
    ("ImportError", "cannot import name 'evaluate' from partially initialized module 'src.run_model'"),
    ("ModuleNotFoundError", "No module named 'tensorflow'"),
    ("ImportError", "cannot import name 'Linaer' from 'torch.nn'"),
    # Known by its text, whatever the type
    ("AssertionError", "Torch not compiled with CUDA enabled"),
    ("RuntimeError", "PyTorch is not linked with support for mps devices"),
    ("RuntimeError", "Expected all tensors to be on the same device, but found at least two devices"),
    ("PermissionError", "[Errno 1] Operation not permitted"),
    ("RuntimeError", "DataLoader worker (pid 17) exited unexpectedly with exit code 1"),
    ("OSError", "[Errno 25] Inappropriate ioctl for device"),
    (
        "ValueError",
        "not enough values to unpack (expected 2, got 0)",
        "_, width = os.popen('stty size').read().split()",
    ),
    ("TypeError", "object of type 'NoneType' has no len()", "valid_loader = DataLoader(valid_set)"),
    ("AttributeError", "'NoneType' object has no attribute 'sign'"),
    # What a computer that grades does not have
    ("EOFError", "EOF when reading a line"),
    ("BdbQuit", ""),
    ("SystemExit", "2"),
    ("URLError", "no host given"),
    ("FileNotFoundError", "[Errno 2] No such file or directory: 'git'", "subprocess.run(['git', 'log'])"),
    ("FileNotFoundError", "[Errno 2] No such file or directory: 'lenet.pt'"),
    ("RuntimeError", "Parent directory checkpoints does not exist."),
    ("PermissionError", "[Errno 13] Permission denied: '/root/log.txt'"),
    ("BlockingIOError", "[Errno 11] Resource temporarily unavailable"),
    # What beginners forget
    ("AttributeError", "cannot assign module before Module.__init__() call"),
    ("TypeError", "CatDogVGG.__init__() takes 0 positional arguments but 1 was given"),
    ("Unusable", "evaluate should return (loss, accuracy); it returned None."),
    ("AttributeError", "'int' object has no attribute 'no_grad'"),
    ("AttributeError", "'numpy.ndarray' object has no attribute 'unsqueeze'"),
    ("AttributeError", "module 'numpy' has no attribute 'float'"),
    # Tensors
    ("RuntimeError", "mat1 and mat2 must have the same dtype, but got Float and Double"),
    ("RuntimeError", "expected target dtype to be Long or Byte, but got Float"),
    ("RuntimeError", "register_forward_hook is not supported on ScriptModules"),
    ("RuntimeError", "Boolean value of Tensor with more than one value is ambiguous"),
    ("ValueError", "expected sequence of length 5 at dim 1 (got 3)"),
    ("RuntimeError", "mat1 and mat2 must have the same dtype, but got Double and Float"),
    ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (2x4096 and 16384x1024)"),
    ("RuntimeError", "Given groups=1, weight of size [16, 3, 5, 5], expected input[2, 64, 64, 3] to have 3 channels"),
    ("RuntimeError", "shape '[-1, 784]' is invalid for input of size 12288"),
    ("RuntimeError", "view size is not compatible with input tensor's size and stride. Use .reshape(...) instead."),
    ("RuntimeError", "element 0 of tensors does not require grad and does not have a grad_fn"),
    ("RuntimeError", "Trying to backward through the graph a second time"),
    ("RuntimeError", "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."),
    # Known by its type alone
    ("AttributeError", "'CatDogVGG' object has no attribute 'clasifier'"),
    (
        "UnboundLocalError",
        "cannot access local variable 'epochs' where it is not associated with a value",
        "epochs += 1",
    ),
    ("UnboundLocalError", "cannot access local variable 'loader' where it is not associated with a value"),
    ("NameError", "name 'logit' is not defined. Did you mean: 'logits'?"),
    ("AssertionError", "run this on the cluster"),
    ("RecursionError", "maximum recursion depth exceeded"),
    ("MemoryError", ""),
]
ROWS = [row for section in SECTIONS for row in section]


@pytest.mark.parametrize(
    ("row", "example"), [*zip(ROWS, EXAMPLES, strict=True)], ids=[f"{kind}: {text[:40]}" for kind, text, *_ in EXAMPLES]
)
def test_every_row_is_reached_by_its_own_exception(row: Advice, example: tuple[str, ...]):
    assert find(*example) is row


def test_nothing_is_advised_on_an_exception_that_is_not_known():
    assert advice_on("ZeroDivisionError", "division by zero") == ""
    assert advice_on("ValueError", "learning_rate is -1; it must be above 0.") == ""


def test_a_jail_has_no_shell_and_the_advice_is_still_about_the_terminal():
    missing = "[Errno 2] No such file or directory: '/bin/sh'"
    assert find("FileNotFoundError", missing, "os.popen('stty size').read()").sentence == NO_TERMINAL
    assert find("FileNotFoundError", missing, "os.popen('date').read()").sentence == NO_PROGRAM
