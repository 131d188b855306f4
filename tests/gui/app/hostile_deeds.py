"""What bad models do, for every test that lets one loose on a window."""

from __future__ import annotations

CHAMELEON = """
@hookimpl
def run(source, params, ctx):
    import pathlib
    names = dict(globals(), source=source, ctx=ctx)
    exec(pathlib.Path({place!r}).read_text(), names)
    return names["out"]
"""
SOCKET = "import socket; socket.create_connection(('127.0.0.1', 9), 2)"
RAW = """
import struct
def send(x):
    body = b'{"say":"log","level":20,"text":"a","x":[' + x + b']}'
    pipe = ctx._channel._outgoing
    pipe.write(struct.pack(">II", len(body), ctx._request) + body)
    pipe.flush()
"""
DONE = "\nraise KeyError('flooded')"
DEEDS = {
    "raises": ("raise KeyError('x')", "KeyError"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "memory fault"),
    "_exit": ("import os; os._exit(5)", "exit code 5"),
    "exits": ("import sys; sys.exit(1)", "tried to end the whole program"),
    "50 GB": ("out = np.ones(50 << 30, np.uint8)", "not enough memory for this run"),
    "prints 1 GB": (
        "line = 'x' * (16 << 20)\nfor _ in range(64): print(line)\nraise KeyError('printed')",
        "printed",
    ),
    "wrong grid": (
        "out = Findings(LabelMap('m', np.zeros((2, 3, 4), np.uint8), LABELS))",
        "its shape is (2, 3, 4)",
    ),
    "NaN": (
        "out = Findings(Heatmap('h', np.full(source.array.shape, np.nan, np.float32),"
        " (0.0, 1.0), 'p'))",
        "not finite",
    ),
    "undeclared label": (
        "out = Findings(LabelMap('m', np.full(source.array.shape, 9, np.uint8), LABELS))",
        "no declared label",
    ),
    "writes": ("source.array[0] = 1", "read-only"),
    "socket": (SOCKET, "OSError"),
    "16 MiB in one message": (RAW + "send(b'[]' + b',[]' * 5_500_000)", "pipe that belongs"),
    "long messages": (RAW + "for _ in range(40): send(b'[]' + b',[]' * 40_000)" + DONE, "flooded"),
    "log": ("for n in range(200_000): ctx.log.info('line %d', n)" + DONE, "flooded"),
    "messages": (
        "for n in range(30_000): ctx._tell({'say': 'log', 'level': 20, 'text': str(n)})" + DONE,
        "flooded",
    ),
    "warnings": ("for n in range(12_000): ctx.warn('odd', f'Patch {n} is odd.')" + DONE, "flooded"),
    "50,000 detections": (
        "place, size = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)\n"
        "found = [Detection(str(n), 'x', 0.5, place, size) for n in range(50_000)]\n"
        "found.append(Detection('last', 'x', float('nan'), place, size))\n"
        "out = Findings(Detections('d', tuple(found)))",
        "not a finite",
    ),
}
"""What a model does, and what is told of it then."""
