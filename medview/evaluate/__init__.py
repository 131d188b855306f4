"""Metrics of segmentations, detections and grades against a reference."""
