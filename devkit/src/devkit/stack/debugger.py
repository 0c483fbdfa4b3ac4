"""`breakpoint()` under `invoke dev`: the debugger speaks in the terminal of the command.

The processes have no standard input, for several would read the same keys; without this a breakpoint would end
what a process works on. `invoke dev` names this module to them by PYTHONBREAKPOINT.
"""

import os
import pdb
import sys

_TERMINAL = "DEVKIT_TERMINAL"


def environ() -> dict[str, str]:
    """Return what leads a process to the terminal of this one."""
    terminal = os.ttyname(sys.stdin.fileno()) if sys.stdin.isatty() else ""
    return {"PYTHONBREAKPOINT": f"{__name__}.stop_here", _TERMINAL: terminal}


def stop_here() -> None:
    """Debug the caller in the terminal of `invoke dev`; without a terminal, say so and go on."""
    frame = sys._getframe(1)  # noqa: SLF001 - pdb.set_trace does the same
    terminal = os.environ.get(_TERMINAL, "")
    if not terminal:
        where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        print(f"breakpoint() at {where} was passed by: `invoke dev` has no terminal", file=sys.stderr, flush=True)
        return
    keys, screen = open(terminal, encoding="utf-8"), open(terminal, "w", encoding="utf-8")  # noqa: SIM115 - the debugger goes on later
    print(f"\nbreakpoint() in process {os.getpid()}; `c` continues", file=screen, flush=True)
    pdb.Pdb(stdin=keys, stdout=screen, nosigint=True).set_trace(frame)
