"""Decode in separate processes, so that a decoder that hangs or crashes costs one picture and not the run.

Each process is driven by one thread over its own pipe. Nothing is shared between processes (no lock, no queue), so one
that is killed at any moment, by a crash, by the system for want of memory or by us for lack of time, breaks nothing
but its own pipe: the end of that pipe names the picture that was lost, and a fresh process takes the next one.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import SimpleQueue
from types import ModuleType, TracebackType
from typing import Any, Self, TypeVar

from simcheck.errors import PictureError, SimcheckError
from simcheck.images.files import shown
from simcheck.images.read import Limits, read_picture
from simcheck.records import Picture

__all__ = ["Reader"]

ReadFunction = Callable[[Path, Limits], Picture]
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

_READ_AHEAD = 32
"""Pictures decoded ahead of the consumer: at most about 100 MB at 1024 x 1024 pixels."""

_SERVED = 2000
"""Pictures after which a process is replaced, so that what decoders leak never adds up to the limit on memory."""

_STARTING = threading.Lock()

_START_SECONDS = 120.0
"""A process that has not imported its decoders by then never will, even on a slow disk under a virus scanner."""


class Reader:
    """Reads pictures in ``workers`` processes (default: one per processor), each bounded in time and memory.

    Use it as a context manager. Processes start with the first picture. ``reader`` must be importable by name.
    """

    # Whatever else must be decoded goes through `ask`: nothing that a stranger made is unpacked in the main process.

    def __init__(
        self,
        workers: int | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen, so shared safely
        reader: ReadFunction = read_picture,
    ) -> None:
        self.limits = limits
        self._reader = reader
        count = workers or _processors()
        self._workers = [_Worker(limits) for _ in range(count)]
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="simcheck-reader")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process at once; pictures still being read are dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.close()
        self._threads.shutdown(wait=True)

    def read(self, path: Path) -> Picture:
        """One picture. Raises PictureError: those of `read_picture`, and timeout or crashed."""
        return self._threads.submit(self._read, path).result()

    def ask(self, function: Callable[[Asked, Limits], Answer], asked: Asked, called: str) -> Answer:
        """``function(asked, limits)`` in a decoding process. ``function`` must be importable by name, and what goes in
        and comes out small enough for a pipe; ``called`` is what errors name. Raises PictureError as `read` does."""
        return self._threads.submit(self._ask, function, asked, called).result()  # type: ignore[no-any-return]

    def read_all(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Picture | PictureError]]:
        """Each path with its picture, or the error that it met, in the order given.

        Up to 32 pictures are decoded ahead while the consumer works; ``paths`` is drawn on as they are, so that it
        may be endless.
        """
        ahead: deque[tuple[Path, Future[Picture]]] = deque()
        source = iter(paths)
        try:
            while True:
                while len(ahead) < _READ_AHEAD and (path := next(source, None)) is not None:
                    ahead.append((path, self._threads.submit(self._read, path)))
                if not ahead:
                    return
                path, future = ahead.popleft()
                try:
                    picture: Picture | PictureError = future.result()
                except PictureError as error:
                    picture = error
                del future  # the picture belongs to the consumer alone while it works
                yield path, picture
        finally:
            for _, waiting in ahead:
                waiting.cancel()

    def _read(self, path: Path) -> Picture:
        picture = self._ask(self._reader, path, shown(path))
        assert isinstance(picture, Picture), f"a decoding process answered {type(picture).__name__}"
        return picture

    def _ask(self, function: Callable[[Any, Limits], Any], asked: object, called: str) -> Any:
        worker = self._idle.get()
        try:
            return worker.ask(function, asked, called)
        finally:
            self._idle.put(worker)


class _Worker:
    """One decoding process and its pipe, as seen from this side. One thread at a time uses it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False
        self._served = 0
        self._lock = threading.Lock()
        """Held while the process is started or ended, so that `close` cannot miss one that is being born."""

    def ask(self, function: Callable[[Any, Limits], Any], asked: object, called: str) -> Any:
        pipe = self._ready()
        began = time.monotonic()
        try:
            pipe.send((function, asked, called))
            answer = pipe.recv() if pipe.poll(self._limits.seconds) else None
        except (EOFError, OSError) as error:
            code = self._end()
            why = f"the decoder crashed on this file ({_ending(code)}); it may be damaged or malicious. Export it again"
            raise self._lost(called, why, "crashed") from error
        if answer is None:
            self._end()
            why = f"decoding took more than {time.monotonic() - began:.0f} seconds and was stopped; save a smaller copy"
            raise self._lost(called, why, "timeout")
        self._served += 1
        if self._served >= _SERVED or (isinstance(answer, PictureError) and answer.code == "out_of_memory"):
            self._end()
        if isinstance(answer, PictureError):
            raise answer
        return answer

    def close(self) -> None:
        self._closed = True
        self._end()

    def _lost(self, called: str, why: str, code: str) -> PictureError | CancelledError:
        # A process that was ended by close() is not the picture's fault.
        return CancelledError() if self._closed else PictureError(f"{called}: {why}", code)

    def _ready(self) -> Connection:
        if self._process is not None and not self._process.is_alive():
            self._end()  # killed from outside between two pictures
        if self._pipe is not None:
            return self._pipe
        pipe = self._start()
        try:
            if pipe.poll(_START_SECONDS):
                pipe.recv()
                return pipe
        except (EOFError, OSError):
            pass  # said below, with the exit code
        code = self._end()
        if self._closed:
            raise CancelledError
        raise SimcheckError(
            f"A process for decoding pictures could not start ({_ending(code)}). If memory is short, close other "
            "programs and try again."
        )

    def _start(self) -> Connection:
        # spawn: the same on every system, and safe beside threads and GPU libraries in this process
        context = multiprocessing.get_context("spawn")
        with self._lock:
            if self._closed:
                raise CancelledError
            here, there = context.Pipe()
            process = context.Process(target=_serve, args=(there, self._limits), name="simcheck-decoder", daemon=True)
            with _without_interrupts(), _without_main():
                process.start()
            there.close()  # so that the pipe ends when the process does
            self._process, self._pipe, self._served = process, here, 0
        return here

    def _end(self) -> int | None:
        """Kill the process if it runs; its exit code, negative for a signal."""
        with self._lock:
            process, pipe = self._process, self._pipe
            self._process = self._pipe = None
            if process is None or pipe is None:
                return None
            if not self._closed:
                process.join(0.2)  # after a crash: the pipe ends a moment before the exit code is known
            process.kill()
            process.join()
            code = process.exitcode
            process.close()
            pipe.close()
            return code


def _serve(pipe: Connection, limits: Limits) -> None:
    """The life of a decoding process: ready, then a question in and its answer or PictureError out, until the pipe
    ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # decoders' C libraries chatter; what matters goes through the pipe
    os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(limits.max_pixels))  # read when OpenCV is first imported
    _bound_memory(limits.memory_bytes)
    with contextlib.suppress(EOFError, OSError):  # the parent has closed the pipe, or is gone
        pipe.send("ready")
        while True:
            function, asked, called = pipe.recv()
            try:
                answer: object = function(asked, limits)
            except PictureError as error:
                answer = error
            except MemoryError:
                answer = PictureError(f"{called}: reading this needs too much memory", "out_of_memory")
            except Exception as error:  # a mistake of ours, but the run is worth more than this picture
                why = f"decoding failed in an unexpected way ({error!r}); please report this"
                answer = PictureError(f"{called}: {why}", "crashed")
            pipe.send(answer)


def _bound_memory(budget: int) -> None:
    """Let this process reserve ``budget`` bytes more than it has now, where the system can limit that (not Windows;
    macOS accepts the limit and does not always keep it)."""
    if sys.platform == "win32":
        return
    import resource

    statm = Path("/proc/self/statm")
    now = int(statm.read_text().split()[0]) * resource.getpagesize() if statm.exists() else 1 << 30
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = now + budget if hard == resource.RLIM_INFINITY else min(now + budget, hard)
    with contextlib.suppress(ValueError, OSError):  # not offered here; the limits on bytes and pixels still hold
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """A process that is started here never sees Ctrl-C, not even while it imports (it would print a traceback)."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    # multiprocessing starts its own tracker with the first process, and unblocks interrupts when it has done so.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """A process that is started here does not run the person's script a second time, as `multiprocessing` else does.

    So a script needs no ``if __name__ == "__main__":`` guard to use simcheck. One start at a time: see ``_STARTING``.
    """
    with _STARTING:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
