"""`Limits`: how much memory, time and output a worker may use before it is ended."""

from __future__ import annotations

from dataclasses import dataclass, field

from medview.jobs.host_memory import host_memory

_UNTOLD = 8 << 30


def default_memory() -> int:
    """Three quarters of this computer's memory; 8 GiB where it does not tell."""
    total = host_memory()[1]
    return total * 3 // 4 if total else _UNTOLD


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker may use.

    Attributes
    ----------
    memory_bytes : int
        Of address space on the CPU, and of resident memory and arrays on every device.
    start_s : float
        From the start of the process until the model is imported and described.
    judge_s : float
        For one ``applicable``.
    send_s : float
        For a message to be taken from the pipe.
    polite_s : float
        From cancel until the process is ended. A little under two seconds, so
        that the job is over before the runner, which waits two, gives it up.
    idle_s : float
        How long a worker is kept warm.
    most_idle : int
        How many are kept warm.
    output_bytes : int
        Of standard output and error that is kept for a report; the rest is read and dropped.
    """

    memory_bytes: int = field(default_factory=default_memory)
    start_s: float = 60.0
    judge_s: float = 15.0
    send_s: float = 5.0
    polite_s: float = 1.8
    idle_s: float = 120.0
    most_idle: int = 4
    output_bytes: int = 16 << 10
