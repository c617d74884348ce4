"""What an exception probably means, for a beginner: one sentence beside Python's own words.

The sentences are the kit's own and tell nothing of a check's inputs, so that hidden checks may show them.
"""

import ast
import re
from functools import cache
from pathlib import Path

NO_MODULE = (
    "It imports a module that isn't there when it is graded: there are only the packages of requirements.txt and the exercises' own files, "
    "which are imported as `from src.run_model import ...`."
)
NO_GPU = "It asks for a GPU, and there is none when it is graded: move things to the `device` that the function is given, or stay on the CPU."
NO_NETWORK = (
    "There is no network when it is graded: use the data that the function is given, and put a download under "
    '`if __name__ == "__main__":`.'
)
NO_FILE = "It opens a file that isn't there when it is graded, where only the exercises' files are: use what the function is given."
NOT_UTF8 = "The file is not saved as UTF-8: open it in an editor and save it with the encoding UTF-8."
NOT_TEXT = "The file is no plain text in UTF-8 (a document renamed to .py, or text saved as UTF-16): save the code as text, in UTF-8."
PYTHON_2 = "This is Python 2, and the course uses Python 3: write print(...), `except Error as e`, range, input."
INDENTATION = "The lines of a block must start in the same column: four spaces for each level."
BRACKETS = "Count the brackets there and in the line before: each that opens must close."
NOTHING_RETURNED = (
    "None is what a function gives that has no `return`, or a method that works in place: look for a missing `return`."
)
FLOAT32 = "Two tensors have different dtypes: convert the inputs of each batch to float32 and its targets to int64, and leave torch's default dtype alone."
PROCESSES = "It starts too many processes or threads: leave the data loader's num_workers at 0."
OLD_VERSION = "Look for a misspelt name, or for one that the packages' versions in requirements.txt no longer have."

# The exception's type and its text (of a syntax error also the line), both as patterns, and what to say; the first that fits is told.
ADVICE = (
    # Files that can't be read as Python
    ("SyntaxError", "^(exec|print) |Missing parentheses in call|multiple exception types", PYTHON_2),
    ("TabError", "", "Tabs and spaces are mixed: let the editor turn all tabs into spaces."),
    ("IndentationError", "", INDENTATION),
    ("SyntaxError", "'return' outside function", INDENTATION),
    ("SyntaxError", "codec can't decode|Non-UTF-8", NOT_UTF8),
    ("SyntaxError|ValueError", "null bytes", NOT_TEXT),
    ("UnicodeDecodeError", "", NOT_UTF8),
    (
        "SyntaxError",
        r"\(U\+20|\(U\+00[AB]|U\+00A0|\(U\+FF",
        "This character comes from a document or web page (a curly quote, a long dash, a special space): type it anew as plain text.",
    ),
    ("SyntaxError", r"\n```", "The lines of ``` are Markdown, not Python: take them out."),
    ("SyntaxError", r"\n(<<<<<<<|=======|>>>>>>>)", "Git left this line where two versions met: keep one, and take the marks out."),
    ("SyntaxError", r"\n[%!]", "Lines that begin with % or ! work in notebooks only: take them out."),
    ("SyntaxError", r"\n(>>>|In \[|\.\.\. )", "This was copied with the interpreter's prompt: take the prompts out."),
    ("SyntaxError", "never closed|unmatched|does not match|Perhaps you forgot a comma", BRACKETS),
    ("SyntaxError", "expected ':'", "A colon is missing at the end of the line."),
    ("SyntaxError", "unterminated", "A quotation mark is missing: the string never ends."),
    (
        "NameError",
        "name '(null|true|false)'",
        "It looks like a notebook renamed to .py (in Python it is None, True and False): export the notebook as a Python file.",
    ),
    ("NameError", "name '(raw_input|xrange|unicode)'", PYTHON_2),
    # Imports
    ("ImportError", "relative import", "Write `from src.models import ...` in place of an import with dots."),
    (
        "ImportError|AttributeError",
        "circular import|partially initialized",
        "Two files import each other: import in one direction only, or inside the function that needs it.",
    ),
    ("ModuleNotFoundError", "", NO_MODULE),
    ("ImportError", "cannot import name", OLD_VERSION),
    # What is not there when it is graded
    (
        "EOFError|RuntimeError|OSError",
        "EOF when reading a line|lost sys.stdin",
        "It asks for input(), and nobody is there to answer when it is graded: take the value as an argument.",
    ),
    ("BdbQuit", "", "A breakpoint was left in (breakpoint() or pdb.set_trace()): take it out."),
    ("SystemExit", "", "It ends Python: take out exit(), quit() and sys.exit(); read no command line (argparse) in these files."),
    (".*", "not compiled with CUDA|no NVIDIA driver|No CUDA GPUs|on a CUDA device|CUDA driver|cuda runtime", NO_GPU),
    (".*", "PyTorch is not linked with support for mps|MPS backend|mps device", NO_GPU),
    (
        ".*",
        "all tensors to be on the same device|device type",
        "Model and data must be on the same device: the one that is given.",
    ),
    (
        ".*",
        "urlopen error|name resolution|not known|getaddrinfo|[Nn]etwork is unreachable|Connection refused|Error downloading|Max retries"
        "|Operation not permitted|URL can.t be reached",
        NO_NETWORK,
    ),
    ("URLError|HTTPError|gaierror|Connection.*|SSLError|ProxyError|SSLCertVerificationError", "", NO_NETWORK),
    ("FileNotFoundError|NotADirectoryError", "", NO_FILE),
    ("RuntimeError", "^Parent directory", "It saves a file in a folder that isn't there: nothing needs to be saved to be graded."),
    ("PermissionError|OSError", "Permission denied|Read-only", "It writes or reads where it may not: it needs no files to be graded."),
    ("BlockingIOError|OSError|RuntimeError", "Resource temporarily unavailable|start new thread", PROCESSES),
    (".*", r"DataLoader worker|unable to open shared memory|ancdata", PROCESSES),
    # What beginners forget
    ("AttributeError", "before Module.__init__", "super().__init__() must be the first line of the network's __init__."),
    (
        "TypeError",
        r"^(?:\w+\.)?(?:\w+|<locals>)\(\) takes 0 positional arguments but 1 was|\.(?:forward|__init__)\(\) takes 1 positional argument but 2",
        "A method's first parameter is `self`: it may be missing.",
    ),
    (".*", "NoneType", NOTHING_RETURNED),
    ("Unusable", r"None\.$", NOTHING_RETURNED),
    (
        "AttributeError",
        "'(int|float|str|list|dict|tuple|bool)' object has no attribute '(nn|tensor|no_grad|optim|utils|relu|cross_entropy|float32|int64)'",
        "A variable has taken the place of a module, such as torch or F: give the variable another name.",
    ),
    ("AttributeError", "numpy.ndarray", "This is a NumPy array where a tensor is needed: torch.from_numpy makes one."),
    ("AttributeError", "^module '", OLD_VERSION),
    ("AttributeError", "", "Look for a misspelt name, or for an attribute that __init__ does not make."),
    ("UnboundLocalError", "", "A function that assigns to a name has its own variable of that name: give it a value first."),
    ("NameError", "", "A name is used that nothing defines: look for a missing import or a misspelt name."),
    ("AssertionError", "", "An `assert` in the submission does not hold: it may hold for your own data only."),
    ("RecursionError", "", "A function or a forward calls itself without end."),
    # Tensors
    ("RuntimeError", "same dtype|scalar type|should be the same|expected m1 and m2", FLOAT32),
    (
        "RuntimeError",
        "mat1 and mat2 shapes",
        "A linear layer does not have as many inputs as numbers reach it: print the shape before the layer, and give it that many.",
    ),
    (
        "RuntimeError",
        r"to have \d+ channels|Given groups=",
        "A convolution does not get as many channels as it was made for: look at in_channels, and at whether channels come first.",
    ),
    ("RuntimeError", "is invalid for input of size", "A view or reshape asks for another number of elements than there are."),
    (
        "RuntimeError",
        "does not require grad",
        "The loss was made from numbers that record no gradients: look for .item(), .detach(), .data or no_grad before backward().",
    ),
    ("RuntimeError", "backward through the graph a second time", "Keep loss.item(), not the loss itself, and call backward() once a batch."),
    ("RuntimeError|TypeError", "Can't call numpy|that requires grad", "Take the tensor out of the gradients first: .detach(), or .item()."),
    ("MemoryError", "", "Look for a layer that is far too large, or for tensors kept in a list (keep loss.item())."),
)  # fmt: skip
AT_IMPORT = (
    "Code at module level runs whenever the file is imported: put training and experiments under "
    '`if __name__ == "__main__":`.'
)
NOT_A_NUMBER = (
    'nan means "not a number": it comes from a division by 0, the logarithm of 0, or numbers that grow without end.'
)
CALL = re.compile(r"^TypeError: [\w.<>]*\(\) (takes|missing|got)")


def advice_on(kind: str, text: str) -> str:
    """What an exception of this type and text probably means, "" where nothing is known."""
    for kinds, pattern, sentence in ADVICE:
        if re.fullmatch(kinds, kind) and re.search(pattern, text):
            return sentence
    return ""


def advice_on_call(details: str, function: str, solution: Path) -> str:
    """How a function is called, if the call itself was refused; `solution` is the file of the reference, which students do not have."""
    if not CALL.search(details):
        return ""
    wanted = signature(solution, function)
    return (
        f"It must take the arguments {wanted}."
        if wanted
        else "Its parameters must be those of the stub that was handed out."
    )


@cache
def signature(file: Path, function: str) -> str:
    """The parameters of a function, or of a network and its forward, as the reference writes them, without types; "" where there is no file."""
    if not file.is_file():
        return ""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    methods = {
        f"{node.name}.{inner.name}": inner
        for node in tree.body if isinstance(node, ast.ClassDef)
        for inner in node.body if isinstance(inner, ast.FunctionDef)
    }  # fmt: skip
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)} | methods
    names = [name for name in (function, f"{function}.__init__", f"{function}.forward") if name in functions]
    return " and ".join(f"`{name}({parameters(functions[name])})`" for name in names)


def parameters(function: ast.FunctionDef) -> str:
    plain = [ast.arg(argument.arg) for argument in function.args.args]
    return ast.unparse(ast.arguments([], plain, None, [], [], None, function.args.defaults))
