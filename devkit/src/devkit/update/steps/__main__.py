"""`python -m devkit.update.steps NAME...`: run steps of an update, in the repository that this toolbox is in."""

import sys
from importlib import import_module

from devkit import ROOT

for name in sys.argv[1:]:
    import_module(f"devkit.update.steps.{name}").run(ROOT)
