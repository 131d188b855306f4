"""The 2D U-Net of lungmask, with the names that its published weights have.

Hofmanninger et al., Eur Radiol Exp 4, 50 (2020): five levels of two
convolutions, average pooling, bilinear upsampling, batch normalisation behind
the activation.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDTH = 64
LEVELS = 5


class Block(nn.Module):
    """Two convolutions, each followed by ReLU and batch normalisation.

    The residual layers take no part; they are in the published files.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.residual_input_conv = nn.Conv2d(inputs, outputs, 1)
        self.residual_batchnorm = nn.BatchNorm2d(outputs)
        self.block = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1),
            nn.ReLU(),
            nn.BatchNorm2d(outputs),
            nn.Conv2d(outputs, outputs, 3, padding=1),
            nn.ReLU(),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, rows, columns) to (n, outputs, rows, columns)."""
        out: Tensor = self.block(x)
        return out


class UpBlock(nn.Module):
    """Twice the size, half the channels, joined with what the way down had at that size."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.residual_input_conv = nn.Conv2d(inputs, outputs, 1)
        self.residual_batchnorm = nn.BatchNorm2d(outputs)
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(inputs, outputs, 1)
        )
        self.conv_block = Block(inputs, outputs)

    def forward(self, x: Tensor, beside: Tensor) -> Tensor:
        """`beside` has twice the rows and columns of `x`."""
        out: Tensor = self.conv_block(torch.cat([self.up(x), beside], dim=1))
        return out


class LungmaskUNet(nn.Module):
    """Scores of classes for axial slices.

    Parameters
    ----------
    classes : int
        3 for R231 (background, right, left), 6 for LTRCLobes.
    width : int
        Channels of the first level; each further one has twice as many.
    """

    def __init__(self, classes: int, width: int = WIDTH) -> None:
        super().__init__()
        channels = [width * 2**n for n in range(LEVELS)]
        self.down_path = nn.ModuleList(
            Block(inputs, outputs)
            for inputs, outputs in zip([1, *channels[:-1]], channels, strict=True)
        )
        self.up_path = nn.ModuleList(
            UpBlock(inputs, inputs // 2) for inputs in reversed(channels[1:])
        )
        self.last = nn.Conv2d(width, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 1, rows, columns), both multiples of 16, to (n, classes, rows, columns) logits."""
        passed: list[Tensor] = []
        for n, down in enumerate(self.down_path):
            x = down(x)
            if n < LEVELS - 1:
                passed.append(x)
                x = nn.functional.avg_pool2d(x, 2)
        for up in self.up_path:
            x = up(x, passed.pop())
        logits: Tensor = self.last(x)
        return logits


def fitting(state: dict[str, Tensor]) -> LungmaskUNet:
    """An empty network of the size of these weights: classes and width are read from them."""
    first, last = "down_path.0.block.0.weight", "last.weight"
    if first not in state or last not in state:
        raise ValueError("These are not the weights of a lungmask network.")
    return LungmaskUNet(classes=len(state[last]), width=len(state[first]))
