"""``applicable`` answers with a verdict in words, whatever the source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.geometry.grid import Grid
from medview.core.notice import Notice
from medview.host.fit import is_sound, verdict
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.samples import COARSE
from medview.testing.conformance.subject import Subject
from medview.testing.conformance.trial import package_of
from medview.testing.phantoms import thorax_grid
from medview.testing.sockets import watched_sockets


def descriptions() -> Iterator[tuple[str, SourceInfo]]:
    """Sources of every kind, with what can be missing missing."""
    grid = thorax_grid(COARSE)
    ct = SourceInfo("volume", "CT", Intensity.HOUNSFIELD, body_part="CHEST").on_grid(grid)
    yield "a chest CT", ct
    yield "a CT without geometry", replace(ct, grid=None, shape=None, spacing_mm=None)
    yield "a CT without spacing", replace(ct, grid=None, spacing_mm=None)
    yield "a single slice", ct.on_grid(Grid((1, 512, 512), grid.index_to_lps))
    yield "a volume without modality", replace(ct, modality=None, intensity=Intensity.ARBITRARY)
    yield "an MR", replace(ct, modality="MR", intensity=Intensity.ARBITRARY, body_part="BRAIN")
    yield "a PET", replace(ct, modality="PT", intensity=Intensity.SUV)
    yield "a 4D series", replace(ct, times=20, time=3)
    yield "a stack", replace(ct, kind="stack", grid=None, marks=(Notice("gap", "Slices lack."),))
    yield "a photograph", SourceInfo("image", intensity=Intensity.RGB, shape=(300, 400))
    yield "a radiograph", SourceInfo("image", "DX", shape=(300, 400), spacing_mm=(0.1, 0.1))
    yield "an image of unknown size", SourceInfo("image")
    yield "a slide", SourceInfo("slide", "SM", Intensity.RGB)
    yield "a slide of known scale", SourceInfo("slide", "SM", Intensity.RGB, mpp=(0.25, 0.25))


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    subject.require_loaded()
    plugin = subject.handle.loaded().plugin
    if subject.fresh.heavy_applicable:
        raise AssertionError(
            f"Asking applicable brings {', '.join(subject.fresh.heavy_applicable)}. It is asked "
            "for every series that is opened: import them inside run."
        )
    if subject.fresh.sockets:
        raise NotChecked("It reaches for the network while it is asked, and was refused.")
    count = 0
    for name, info in descriptions():
        count += 1
        try:
            with watched_sockets(package_of(subject.handle)):
                answer = plugin.applicable(info)
        # The hook is foreign code, and that it raises nothing at all is what is checked.
        except (Exception, SystemExit) as error:
            raise AssertionError(
                f"On {name}, applicable raised {type(error).__name__}: {error}"
            ) from error
        if not is_sound(answer):
            raise AssertionError(
                f"On {name}, applicable gave {answer!r}: it must be a Verdict, with reasons "
                "unless it fits."
            )
        if info.kind != subject.kind and verdict(subject.handle, info).fit != "unfit":
            raise AssertionError(f"On {name}, a model of {subject.kind}s is not unfit.")
    return f"applicable answered on all of {count} descriptions."
