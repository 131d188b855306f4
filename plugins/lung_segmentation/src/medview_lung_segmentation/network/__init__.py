"""The learned method: a small 3D U-Net on a grid of 4 mm."""
