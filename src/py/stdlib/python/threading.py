"""Threads: locks that are always free; no threads."""


class Lock:
    def __init__(self):
        self._held = False

    def acquire(self, blocking=True, timeout=-1):
        self._held = True
        return True

    def release(self):
        self._held = False

    def locked(self):
        return self._held

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *exc_info):
        self.release()


RLock = Condition = Lock


class Semaphore(Lock):
    def __init__(self, value=1):
        super().__init__()


BoundedSemaphore = Semaphore


class Event:
    def __init__(self):
        self._flag = False

    def is_set(self):
        return self._flag

    def set(self):
        self._flag = True

    def clear(self):
        self._flag = False

    def wait(self, timeout=None):
        return self._flag


class local:
    pass


class _MainThread:
    name = "MainThread"
    ident = 1
    daemon = False

    def is_alive(self):
        return True

    def getName(self):
        return self.name


_main = _MainThread()


def current_thread():
    return _main


currentThread = main_thread = current_thread


def get_ident():
    return 1


def active_count():
    return 1
