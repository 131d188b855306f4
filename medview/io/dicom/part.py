"""`Part`: what of a DICOM series belongs together and opens as one thing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from medview.core.data.series import SeriesKind
from medview.core.notice import Notice
from medview.io.dicom.frame import Frame
from medview.io.dicom.geometry import Layout
from medview.io.dicom.instance import Instance


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A volume (of one or more time points), stack, image or document.

    Attributes
    ----------
    kind : {"volume", "stack", "image", "slide", "document"}
    instances : tuple of Instance
        All that the part was made from, duplicates included.
    times : tuple of Layout
        Volume: one per time point, on equal grids. Stack: one, in reading order.
    repairs, warnings : tuple of Notice
    factor : float
        Applied to rescaled values; 1 unless they become SUV.
    is_uptake : bool
        Whether values are SUV.
    """

    kind: SeriesKind
    instances: tuple[Instance, ...]
    times: tuple[Layout, ...] = ()
    repairs: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()
    factor: float = 1.0
    is_uptake: bool = False

    @property
    def frames(self) -> tuple[Frame, ...]:
        """All planes, time by time."""
        return tuple(frame for layout in self.times for frame in layout.frames)

    def with_warning(self, notice: Notice) -> Part:
        """The same part with one more warning."""
        return replace(self, warnings=(*self.warnings, notice))
