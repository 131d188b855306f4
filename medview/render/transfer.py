"""Volume presets as VTK transfer functions."""

from __future__ import annotations

from vtkmodules.vtkCommonDataModel import vtkPiecewiseFunction
from vtkmodules.vtkRenderingCore import vtkColorTransferFunction, vtkVolumeProperty

from medview.core.data.intensity import Window
from medview.render.presets import VolumePreset


def apply_preset(
    target: vtkVolumeProperty, preset: VolumePreset, window: Window, voxel_mm: float
) -> None:
    """Set a volume property up for a preset.

    Parameters
    ----------
    target : vtkVolumeProperty
    preset : VolumePreset
    window : Window
        Gives the values that stand for 0 and 1 where a preset is not in Hounsfield units.
    voxel_mm : float
        Finest spacing of the data: VTK's CPU caster measures gradients per voxel of it.
    """
    low, scale = (0.0, 1.0) if preset.intensity == "hounsfield" else (window.low, window.width)
    opacity, colour = vtkPiecewiseFunction(), vtkColorTransferFunction()
    for value, height in preset.opacity:
        opacity.AddPoint(low + value * scale, height)
    for value, (red, green, blue) in preset.colour:
        colour.AddRGBPoint(low + value * scale, red / 255, green / 255, blue / 255)
    edges = vtkPiecewiseFunction()
    for gradient, factor in preset.gradient_opacity:
        edges.AddPoint(gradient * scale * max(voxel_mm, 1e-6), factor)
    shading = preset.shading
    target.SetScalarOpacity(opacity)
    target.SetColor(colour)
    target.SetGradientOpacity(edges)
    target.SetScalarOpacityUnitDistance(1.0)
    target.SetInterpolationTypeToLinear()
    target.ShadeOn()
    target.SetAmbient(shading.ambient)
    target.SetDiffuse(shading.diffuse)
    target.SetSpecular(shading.specular)
    target.SetSpecularPower(shading.specular_power)
