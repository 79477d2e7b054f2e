"""Work measured in a process of its own, so that neither memory nor CPU of other work counts."""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Measured(Generic[T]):
    """What work gave, and what it took: seconds by the clock and of CPU, and the peak of memory in MB (10⁶ bytes).

    The CPU is that of the process: a database server's own is not in it.
    """

    result: T
    seconds: float
    cpu_seconds: float
    peak_mb: float


def measured(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Measured[T]:
    """Do the work in a new process and wait for it. What it raises is raised here."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(_measure, partial(work, *args, **kwargs)).result()


def _measure(work: Callable[[], T]) -> Measured[T]:
    begun, cpu_before = time.perf_counter(), time.process_time()
    result = work()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu_before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bytes_of_peak = peak if sys.platform == "darwin" else peak * 1024
    return Measured(result, seconds, cpu, bytes_of_peak / 1e6)
