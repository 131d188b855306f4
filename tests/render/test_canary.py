"""The machine can draw at all: without this, every picture could be black and nobody would know."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401 - registers the OpenGL classes
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersSources import vtkPlaneSource
from vtkmodules.vtkRenderingCore import (
    vtkActor,
    vtkPolyDataMapper,
    vtkRenderer,
    vtkRenderWindow,
    vtkWindowToImageFilter,
)

from tests.leaks import find_leaks, take_snapshot


def red_square() -> NDArray[np.uint8]:
    """A red square on black, (40, 60, 3) uint8, drawn off-screen."""
    source = vtkPlaneSource()
    mapper = vtkPolyDataMapper()
    mapper.SetInputConnection(source.GetOutputPort())
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.GetProperty().SetColor(1, 0, 0)
    actor.GetProperty().LightingOff()
    renderer = vtkRenderer()
    renderer.AddActor(actor)
    window = vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetSize(60, 40)
    window.AddRenderer(renderer)
    window.Render()
    picture = vtkWindowToImageFilter()
    picture.SetInput(window)
    picture.ReadFrontBufferOff()
    picture.Update()
    flat = vtk_to_numpy(picture.GetOutput().GetPointData().GetScalars())
    frame = np.array(flat, dtype=np.uint8).reshape(40, 60, 3)
    window.Finalize()
    return frame


def test_a_red_square_comes_out_red() -> None:
    frame = red_square()
    assert frame[20, 30].tolist() == [255, 0, 0]
    assert frame[2, 2].tolist() == [0, 0, 0]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="chosen on Linux")
def test_the_suite_draws_in_software_without_a_display() -> None:
    window = vtkRenderWindow()
    assert window.GetClassName() in ("vtkOSOpenGLRenderWindow", "vtkEGLRenderWindow")


def test_a_vtk_object_that_survives_is_found() -> None:
    before = take_snapshot()
    kept = vtkPolyData()
    leaks = find_leaks(before)
    assert len(leaks) == 1
    assert "PolyData" in leaks[0]
    del kept
    assert find_leaks(before) == []
