"""What an exception probably means: one sentence for a beginner, beside Python's own words.

The sentences never contain inputs of a check, so hidden checks may show them.
"""

import re
from dataclasses import dataclass

from grader.judging.newer_python import advice_on_newer


@dataclass(frozen=True)
class Advice:
    """A sentence for the exceptions whose type and text match two patterns.

    `types` must match the whole name of the type.  `text` is searched in the exception's text; for
    a syntax error the text ends with the line of code.  `line` is searched in the submission's line
    that raised any other exception.
    """

    types: str
    text: str
    sentence: str
    line: str = ""

    def fits(self, exception: str, text: str, line: str = "") -> bool:
        return bool(re.fullmatch(self.types, exception) and re.search(self.text, text) and re.search(self.line, line))


NO_MODULE = (
    "This module is not available when your code is graded. You can use the packages in requirements.txt, and the "
    "exercises' own files, which are imported as `from src.run_model import ...`."
)
NO_GPU = "The code asks for a GPU, but there is none when it is graded. Use the `device` that the function is given, or the CPU."
NO_NETWORK = (
    "There is no internet connection when your code is graded. Use the data that the function is given, and put downloads under "
    '`if __name__ == "__main__":`.'
)
NO_PROGRAM = (
    "The code starts another program, and there is none when it is graded. Remove it, or do the same in Python."
)
NO_FILE = "This file does not exist when your code is graded. Use the data that the function is given."
NOT_UTF8 = "The file is not saved as UTF-8. Open it in an editor and save it with the encoding UTF-8."
NOT_TEXT = (
    "The file is not plain text in UTF-8. It may be a document renamed to .py, or text in UTF-16. "
    "Save the code as plain text, in UTF-8."
)
PYTHON_2 = "This is Python 2, but the course uses Python 3. Write print(...), `except Error as e`, range and input."
INDENTATION = "The lines of a block must start in the same column. Use four spaces for each level."
BRACKETS = "Count the brackets in this line and the line before. Each opening bracket needs a closing one."
COPIED = (
    "This character was copied from a document or a web page, for example a curly quote, a long dash or a special space. "
    "Type it again as plain text."
)
INVISIBLE = (
    "The line has an invisible character, which was perhaps copied from a document or a web page. "
    "Delete the line and type it again."
)
NOTEBOOK = "This looks like a notebook renamed to .py. Export the notebook as a Python file."
NOTHING_RETURNED = (
    "None is the result of a function that has no `return`, and of many methods that work in place. "
    "Look for a missing `return`."
)
FLOAT32 = "Two tensors have different dtypes. Convert the inputs of each batch to float32 and its targets to int64."
FLOAT64 = (
    "The network has float64 weights. Leave its dtype alone: remove .double() and .to(torch.float64), "
    "and do not change torch's default dtype."
)
TARGETS = "The targets have the wrong dtype. Convert the targets of each batch to int64, and its inputs to float32."
UNEQUAL = (
    "Lists of different lengths make no array or tensor, and the last batch may be smaller than the others. Put the numbers of "
    "all batches into one list with extend, or add up what you need batch by batch."
)
AMBIGUOUS = (
    "An `if`, `while`, `and` or `not` needs one True or False, but this has several values. "
    "Compare element by element and count, as in (a == b).sum()."
)
NO_DATA_SET = (
    "None is used here as a data set. An argument such as `valid_set` may be None: "
    "ask for that before you make a loader or use it."
)
SCRIPTED = (
    "The grader looks at each layer of a network. Remove torch.jit.script and torch.jit.trace: they change no result."
)
NO_TERMINAL = "There is no terminal when your code is graded. Remove what asks for its size, such as os.get_terminal_size() or stty."
NOT_IN_NOTEBOOK = (
    "get_ipython() works only in notebooks: Jupyter writes it for lines that start with % or !. Remove these lines."
)
NOT_YET = (
    "No line before this one gave the variable a value. Perhaps it is set only inside an `if` or a loop, "
    "and that did not run. Give it a value before."
)
PROCESSES = "The code starts too many processes or threads. Leave the data loader's num_workers at 0."
OLD_VERSION = "Look for a misspelt name, or for a name that the package versions in requirements.txt no longer have."
EXITS = "The code ends Python. Remove exit(), quit() and sys.exit(), and do not read the command line (argparse) in this file."
NO_SELF = "The first parameter of a method must be `self`. It was probably forgotten."
CHANNELS = "A convolution gets the wrong number of channels. Check in_channels, and whether the channels come before height and width."
LINEAR = "A linear layer gets rows of another length than its in_features. Look at what comes before the layer: is a flatten missing or wrong?"
VIEW = "A view or reshape asks for a different number of elements than the tensor has."
NOT_CONTIGUOUS = "After permute or transpose, .view does not work. Use .reshape or .flatten there."
SHAPES = (LINEAR, VIEW, CHANNELS)  # a network's steps tell more than these

UNREADABLE = (
    Advice("SyntaxError", "^(exec|print) |Missing parentheses in call|multiple exception types", PYTHON_2),
    Advice("TabError", "", "Tabs and spaces are mixed. Let your editor convert all tabs to spaces."),
    Advice("IndentationError", "", INDENTATION),
    Advice("SyntaxError", "'return' outside function", INDENTATION),
    Advice("SyntaxError", "codec can't decode|Non-UTF-8", NOT_UTF8),
    Advice("SyntaxError|ValueError", "null bytes", NOT_TEXT),
    Advice("UnicodeDecodeError", "", NOT_UTF8),
    Advice("SyntaxError", r"U\+00A0|\(U\+20|\(U\+00[AB]|\(U\+FF", COPIED),
    Advice("SyntaxError", "non-printable character", INVISIBLE),
    Advice("SyntaxError", r"\n```", "Lines with ``` are Markdown, not Python. Remove them."),
    Advice(
        "SyntaxError",
        r"\n(<<<<<<<|=======|>>>>>>>)",
        "Git left this line after a merge conflict. Keep one of the two versions, and remove Git's lines.",
    ),
    Advice("SyntaxError", r"\n[%!]", "Lines that start with % or ! work only in notebooks. Remove them."),
    Advice("SyntaxError", r"\n(>>>|In \[|\.\.\. )", "This line was copied with Python's prompt. Remove the prompts."),
    Advice("SyntaxError", "never closed|unmatched|does not match|Perhaps you forgot a comma", BRACKETS),
    Advice("SyntaxError", "expected ':'", "A colon is missing at the end of the line."),
    Advice("SyntaxError", "unterminated", "A quotation mark is missing: the string never ends."),
    Advice("NameError", "name '(null|true|false)'", NOTEBOOK),
    Advice("NameError", "name '(raw_input|xrange|unicode)'", PYTHON_2),
    Advice("NameError", "name 'get_ipython'", NOT_IN_NOTEBOOK),
    Advice("NameError", "", "Write super().__init__() without arguments.", r"\bsuper\(\w"),
)
IMPORTS = (
    Advice("ImportError", "relative import", "Write `from src.models import ...` instead of an import with dots."),
    Advice(
        "ImportError|AttributeError",
        "circular import|partially initialized",
        "Two files import each other. Remove one of the two imports, or move it into the function that needs it.",
    ),
    Advice("ModuleNotFoundError", "", NO_MODULE),
    Advice("ImportError", "cannot import name", OLD_VERSION),
)
ANY_TYPE = (
    Advice(
        ".*", "not compiled with CUDA|no NVIDIA driver|No CUDA GPUs|on a CUDA device|CUDA driver|cuda runtime", NO_GPU
    ),
    Advice(".*", "PyTorch is not linked with support for mps|MPS backend|mps device", NO_GPU),
    Advice(
        ".*",
        "all tensors to be on the same device|device type",
        "The model and the data must be on the same device. Use the `device` that the function is given, or the CPU.",
    ),
    Advice(
        ".*",
        "urlopen error|name resolution|not known|getaddrinfo|[Nn]etwork is unreachable|Connection refused"
        "|Error downloading|Max retries|Operation not permitted|URL can.t be reached",
        NO_NETWORK,
    ),
    Advice(".*", r"DataLoader worker|unable to open shared memory|ancdata", PROCESSES),
    Advice(".*", "Inappropriate ioctl|The handle is invalid", NO_TERMINAL),
    Advice("ValueError|IndexError|TypeError|FileNotFoundError|PermissionError", "", NO_TERMINAL, r"\bstty\b|\btput\b"),
    Advice(
        "TypeError", "'NoneType' has no len", NO_DATA_SET, r"DataLoader\(|_set\b|\b(?:for|enumerate)\b.*load|iter\("
    ),
    Advice(".*", "NoneType", NOTHING_RETURNED),
)
ENVIRONMENT = (
    Advice(
        "EOFError|RuntimeError|OSError",
        "EOF when reading a line|lost sys.stdin",
        "The code calls input(), but nobody can answer when it is graded. Use the function's arguments.",
    ),
    Advice("BdbQuit", "", "The code has a breakpoint (breakpoint() or pdb.set_trace()). Remove it."),
    Advice("SystemExit", "", EXITS),
    Advice("URLError|HTTPError|gaierror|Connection.*|SSLError|ProxyError|SSLCertVerificationError", "", NO_NETWORK),
    Advice(
        "FileNotFoundError|PermissionError|CalledProcessError",
        "",
        NO_PROGRAM,
        r"\bsubprocess\.|popen|Popen|check_output",
    ),
    Advice("FileNotFoundError|NotADirectoryError", "", NO_FILE),
    Advice(
        "RuntimeError",
        "^Parent directory",
        "The code saves a file in a folder that does not exist. It does not need to save anything.",
    ),
    Advice(
        "PermissionError|OSError",
        "Permission denied|Read-only",
        "The code reads or writes a file that it may not use. It needs no files of its own.",
    ),
    Advice("BlockingIOError|OSError|RuntimeError", "Resource temporarily unavailable|start new thread", PROCESSES),
)
BEGINNERS = (
    Advice(
        "AttributeError",
        "before Module.__init__",
        "Call super().__init__() in the first line of the network's __init__.",
    ),
    Advice(
        "TypeError",
        r"^(?:\w+\.)?(?:\w+|<locals>)\(\) takes 0 positional arguments but 1 was"
        r"|\.(?:forward|__init__)\(\) takes 1 positional argument but 2",
        NO_SELF,
    ),
    Advice("Unusable", r"None\.$", NOTHING_RETURNED),
    Advice(
        "AttributeError",
        "'(int|float|str|list|dict|tuple|bool)' object has no attribute "
        "'(nn|tensor|no_grad|optim|utils|relu|cross_entropy|float32|int64)'",
        "A variable has replaced a module, such as torch or F. Give the variable another name.",
    ),
    Advice(
        "AttributeError",
        "numpy.ndarray",
        "This is a NumPy array, but a tensor is needed. torch.from_numpy makes one.",
    ),
    Advice("AttributeError", "^module '", OLD_VERSION),
)
TENSORS = (
    Advice(
        "RuntimeError",
        "but got Float and Double|Input type .float. and (bias|weight) type .double.|expect parameter to have scalar type of Float",
        FLOAT64,
    ),
    Advice("RuntimeError", "expected target dtype", TARGETS),
    Advice(".*", "not supported on ScriptModule", SCRIPTED),
    Advice("RuntimeError|ValueError", "with more than one (value|element) is ambiguous", AMBIGUOUS),
    Advice("ValueError", "expected sequence of length|inhomogeneous shape", UNEQUAL),
    Advice("RuntimeError", "same dtype|scalar type|should be the same|expected m1 and m2", FLOAT32),
    Advice("RuntimeError", "mat1 and mat2 shapes", LINEAR),
    Advice("RuntimeError", r"to have \d+ channels|Given groups=", CHANNELS),
    Advice("RuntimeError", "is invalid for input of size", VIEW),
    Advice("RuntimeError", "view size is not compatible", NOT_CONTIGUOUS),
    Advice(
        "RuntimeError",
        "does not require grad",
        "The loss has no gradients. Look for .item(), .detach(), .data or no_grad before backward().",
    ),
    Advice(
        "RuntimeError",
        "backward through the graph a second time",
        "Call backward() once for each batch, and keep loss.item(), not the loss itself.",
    ),
    Advice(
        "RuntimeError|TypeError",
        "Can't call numpy|that requires grad",
        "Call .detach() or .item() on the tensor first, because it has gradients.",
    ),
)
TYPE_ALONE = (
    Advice("AttributeError", "", "Look for a misspelt name, or for an attribute that __init__ does not set."),
    Advice(
        "UnboundLocalError",
        "",
        "A function that assigns to a name makes it a local variable. Give it a value before you use it.",
        r"^\w+ *[-+*/]=",
    ),
    Advice("UnboundLocalError", "", NOT_YET),
    Advice("NameError", "", "Look for a missing import or a misspelt name."),
    Advice("AssertionError", "", "An `assert` in your code failed. It may be true only for your own data."),
    Advice("RecursionError", "", "A function or a forward method calls itself without end."),
    Advice(
        "MemoryError",
        "",
        "Look for a layer that is far too large, or for tensors that you keep in a list (keep loss.item() instead).",
    ),
)
# These are tried in this order, and so are the rows of each. Rows that look at the text come before
# rows that look at the type alone.
SECTIONS = (UNREADABLE, IMPORTS, ANY_TYPE, ENVIRONMENT, BEGINNERS, TENSORS, TYPE_ALONE)

AT_IMPORT = (
    "Code outside functions runs whenever the file is imported. Put training and experiments under "
    '`if __name__ == "__main__":`.'
)
NOT_A_NUMBER = (
    'nan means "not a number". It comes from a division by 0, from the logarithm of 0, or from numbers that grow '
    "without limit."
)


def advice_on(exception: str, text: str, line: str = "") -> str:
    """What an exception of this type and text probably means, "" if it is not known.

    `line` is the submission's line that raised it, unless it is a syntax error.
    """
    newer = advice_on_newer(exception, text, line)
    row = find(exception, text, line)
    return newer or (row.sentence if row else "")


def find(exception: str, text: str, line: str = "") -> Advice | None:
    """The first row that fits an exception."""
    return next((row for section in SECTIONS for row in section if row.fits(exception, text, line)), None)
