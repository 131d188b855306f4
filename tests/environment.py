"""Draw off screen, whatever the machine: imported before anything that may import Qt or VTK."""

from __future__ import annotations

import os
import sys

from dev_checks import offscreen_environment

_wanted = offscreen_environment(os.environ, platform=sys.platform)
for _name in set(os.environ) - set(_wanted):
    del os.environ[_name]
os.environ.update(_wanted)
