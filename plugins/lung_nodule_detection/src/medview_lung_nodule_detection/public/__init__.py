"""Public weights: MONAI lung_nodule_ct_detection, a RetinaNet trained on LUNA16.

The network is MONAI's; the steps around it are written here after the bundle's
description. The weights are installed by the user.
"""
