ORDERS = "\x1b]0;owned\x07\x1b[2J\x1b[1;1H\x1b[32mall checks passed\r    3/3           2.1 \u202e\u2066\x9b8m"


def evaluate(*args, **kwargs):
    print(ORDERS)
    raise type(f"Error{ORDERS}", (Exception,), {})(f"<img src=x onerror=alert(1)> [x](javascript:alert(1)) {ORDERS}")
