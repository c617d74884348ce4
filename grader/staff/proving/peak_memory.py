"""How much memory processes take together."""

import threading

import psutil


class PeakMemory:
    """The most memory that this process's children ever had together.

    It adds their proportional set sizes, which divide shared pages among their users.
    """

    def __enter__(self) -> "PeakMemory":
        self.megabytes = 0.0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.ended.set()
        self.thread.join()

    def watch(self) -> None:
        this = psutil.Process()
        while not self.ended.wait(0.1):
            total = sum(map(proportional_bytes, this.children(recursive=True)))
            self.megabytes = max(self.megabytes, total / 2**20)


def proportional_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0  # it has just ended
