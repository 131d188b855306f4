"""The 2D network that tells nodules from vessels on one 50 x 50 pixel patch."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Two convolutions with a projected shortcut."""

    def __init__(self, channels_in: int, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels_in, channels, 3, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)
        self.shortcut = nn.Conv2d(channels_in, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels_in, y, x) to (n, channels, y, x)."""
        inner = torch.relu(self.first_norm(self.first(x)))
        return torch.relu(self.second_norm(self.second(inner)) + self.shortcut(x))


class PatchNetwork(nn.Module):
    """Scores patches; 155 425 parameters at width 16.

    The head sees the whole patch (mean and maximum) and its middle, because
    the candidate lies there and its surroundings say whether it is a vessel.
    """

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, width, 3, padding=1)
        self.blocks = nn.Sequential(
            ResidualBlock(width, width),
            nn.MaxPool2d(2),
            ResidualBlock(width, 2 * width),
            nn.MaxPool2d(2),
            ResidualBlock(2 * width, 4 * width),
            nn.MaxPool2d(2),
            ResidualBlock(4 * width, 4 * width),
        )
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(12 * width, 1)

    def forward(self, patches: Tensor) -> Tensor:
        """(n, 1, 50, 50) in 0..1 to (n,) logits."""
        features = self.blocks(self.stem(patches))
        middle = features[:, :, 2:4, 2:4].mean((2, 3))
        pooled = torch.cat([features.mean((2, 3)), features.amax((2, 3)), middle], 1)
        logits: Tensor = self.head(self.dropout(pooled))[:, 0]
        return logits


def averaged_score(network: nn.Module, patches: Tensor) -> Tensor:
    """(n,) mean probability over the eight turns and mirrorings of each patch.

    A nodule has no preferred direction; the mean is steadier than one look.
    """
    total = torch.zeros(len(patches), device=patches.device)
    for turns in range(4):
        turned = torch.rot90(patches, turns, (2, 3))
        for view in (turned, turned.flip(3)):
            total += torch.sigmoid(network(view).float())
    return total / 8
