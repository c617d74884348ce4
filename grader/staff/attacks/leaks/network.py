import ctypes
import os
import socket

libc = ctypes.CDLL(None, use_errno=True)


def evaluate(*args, **kwargs):
    for family in range(46):
        for kind in (1, 2, 3, 5):
            descriptor = libc.socket(family, kind, 0)
            if descriptor >= 0 and family != socket.AF_UNIX:
                print("FOUND: a socket of family", family, kind)
            if descriptor >= 0:
                os.close(descriptor)
    for connect in (
        lambda: socket.create_connection(("127.0.0.1", 22), 1),
        lambda: socket.getaddrinfo("pypi.org", 443),
    ):
        try:
            print("FOUND:", connect())
        except OSError as error:
            print("denied:", type(error).__name__)
    raise RuntimeError("no network")
