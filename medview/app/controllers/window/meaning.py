"""`Meaning`: asks what values mean where the file does not say, because models depend on it."""

from __future__ import annotations

from dataclasses import replace

from medview.core.data.intensity import Intensity
from medview.core.data.volume import Volume
from medview.core.scene.scene import OpenSource, Scene
from medview.view.dialogs.series_question import SeriesQuestion
from medview.view.viewer_area import ViewerArea

_AIR_AT_MOST, _BODY_AT_LEAST = -500, 20


class Meaning:
    """A bar above the views with one question; reading goes on meanwhile.

    Parameters
    ----------
    area : ViewerArea
    scene : Scene
    """

    def __init__(self, area: ViewerArea, scene: Scene) -> None:
        self._area = area
        self._scene = scene
        self._asked: set[str] = set()
        scene.active_changed.connect(self._on_active)

    def _on_active(self, source: OpenSource | None) -> None:
        self._area.set_question(None)
        if source is None or source.id in self._asked or not isinstance(source.data, Volume):
            return
        if not may_be_hounsfield(source.data):
            return
        question = SeriesQuestion(
            "This file does not say what its values mean. Are they Hounsfield units of a CT?",
            (("yes", "Yes, CT"), ("no", "No")),
        )
        question.answered.connect(lambda answer: self._on_answer(source.id, answer))
        self._area.set_question(question)

    def _on_answer(self, source_id: str, answer: str) -> None:
        self._asked.add(source_id)
        self._area.set_question(None)
        # The reader may have gone on to another time point since it was asked.
        source = self._scene.source(source_id)
        if answer == "yes" and source is not None and isinstance(source.data, Volume):
            self._take_as_hounsfield(source, source.data)

    def _take_as_hounsfield(self, source: OpenSource, volume: Volume) -> None:
        info = replace(volume.info, intensity=Intensity.HOUNSFIELD)
        series = replace(source.series, intensity=Intensity.HOUNSFIELD)
        meant = replace(source, series=series, data=replace(volume, info=info))
        self._scene.remove_source(source.id)
        self._scene.add_source(meant)
        self._scene.set_active(meant.id)


def may_be_hounsfield(volume: Volume) -> bool:
    """Whether a volume without a modality has values such as a CT of a body has."""
    if volume.info.modality is not None or volume.intensity is not Intensity.ARBITRARY:
        return False
    step = tuple(slice(None, None, max(1, n // 48)) for n in volume.array.shape)
    sample = volume.array[step]
    return bool(sample.min() <= _AIR_AT_MOST and sample.max() >= _BODY_AT_LEAST)
