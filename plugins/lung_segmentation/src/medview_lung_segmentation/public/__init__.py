"""Public weights: lungmask (R231, LTRCLobes) and MONAI wholeBody_ct_segmentation.

The networks and the steps around them are written here after their published
descriptions; the weights are those of their publishers, installed by the user.
"""
