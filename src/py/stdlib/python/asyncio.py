"""Coroutines, run to their end where they are awaited."""
import _asyncio
import contextlib

CancelledError = type("CancelledError", (BaseException,), {})
TimeoutError = TimeoutError
InvalidStateError = type("InvalidStateError", (Exception,), {})


class Future:
    def __init__(self, value=None, error=None):
        self._value, self._error = value, error

    def __await__(self):
        if self._error is not None:
            raise self._error
        return self._value
        yield

    def done(self):
        return True

    def cancelled(self):
        return False

    def cancel(self):
        return False

    def exception(self):
        return self._error

    def result(self):
        if self._error is not None:
            raise self._error
        return self._value

    def set_result(self, value):
        self._value = value

    def add_done_callback(self, callback):
        callback(self)


Task = Future


def _settled(awaitable):
    try:
        return Future(_asyncio.wait(awaitable))
    except Exception as error:
        return Future(None, error)


class AbstractEventLoop:
    def run_until_complete(self, future):
        return _asyncio.wait(future)

    def create_task(self, coro, *, name=None, context=None):
        return _settled(coro)

    def is_running(self):
        return False

    def is_closed(self):
        return False

    def close(self):
        pass

    def stop(self):
        pass

    def run_in_executor(self, executor, func, *args):
        return Future(func(*args))

    def shutdown_asyncgens(self):
        return Future()


_loop = AbstractEventLoop()


def run(main, *, debug=None, loop_factory=None):
    return _asyncio.wait(main)


def get_event_loop():
    return _loop


def new_event_loop():
    return _loop


_running = []


def get_running_loop():
    raise RuntimeError("no running event loop")


def set_event_loop(loop):
    pass


def create_task(coro, *, name=None, context=None):
    return _settled(coro)


def ensure_future(coro_or_future, *, loop=None):
    return coro_or_future if isinstance(coro_or_future, Future) else _settled(coro_or_future)


async def gather(*aws, return_exceptions=False):
    results = []
    for awaitable in aws:
        try:
            results.append(await awaitable)
        except Exception as error:
            if not return_exceptions:
                raise
            results.append(error)
    return results


async def sleep(delay, result=None):
    import time
    time.sleep(delay)
    return result


async def wait_for(fut, timeout):
    return await fut


async def to_thread(func, /, *args, **kwargs):
    return func(*args, **kwargs)


async def shield(arg):
    return await arg


def iscoroutine(obj):
    return type(obj).__name__ == "coroutine"


def iscoroutinefunction(func):
    return _asyncio.is_coroutine_function(func)


class Runner:
    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        pass

    def run(self, coro, *, context=None):
        return _asyncio.wait(coro)

    def close(self):
        pass


class Lock:
    async def acquire(self):
        return True

    def release(self):
        pass

    def locked(self):
        return False

    async def __aenter__(self):
        return None

    async def __aexit__(self, *exc_info):
        pass


class Semaphore(Lock):
    def __init__(self, value=1):
        pass


BoundedSemaphore = Semaphore


class DefaultEventLoopPolicy:
    def get_event_loop(self):
        return _loop


def set_event_loop_policy(policy):
    pass


def get_event_loop_policy():
    return DefaultEventLoopPolicy()
