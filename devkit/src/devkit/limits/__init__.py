"""Limits in stacks of the toolbox's own: there are none, for what is measured or tested is something else."""
