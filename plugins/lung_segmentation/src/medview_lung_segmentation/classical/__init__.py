"""Segmentation without a network: thresholds, shape and anatomy, one step per module."""
