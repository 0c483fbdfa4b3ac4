"""The processes of the product, as they are found by folder."""

from collections.abc import Sequence

from common.discovery import modules_by_name
from devkit import venv
from devkit.servers.server import Context
from devkit.stack import processes
from devkit.stack.specs import ProcessSpec


def names() -> list[str]:
    """Return the names of the product's processes."""
    return sorted(modules_by_name(processes))


def product(context: Context, *, without: Sequence[str] = ()) -> list[ProcessSpec]:
    """Return the product's processes in the order they are stopped, behind the command that prepares the database.

    Those in `without` are left to another one to start, such as a debugger; nothing waits for them.
    """
    run = context.data / "run"
    found = sorted(modules_by_name(processes).items(), key=lambda one: one[1].ORDER)
    return [
        migrate(context),
        *(
            module.process(context, run / f"{name}.heartbeat", run / f"{name}.metrics")
            for name, module in found
            if name not in without
        ),
    ]


def migrate(context: Context) -> ProcessSpec:
    """Return the command that applies the migrations that are missing, and makes the declared indexes."""
    return ProcessSpec("migrate", (context.python, *venv.ALONE, "admin", "migrate"), once=True)


def profiled() -> dict[str, str]:
    """Return what can be profiled: what a profile shows, by the name of the process."""
    return {name: module.PROFILED for name, module in modules_by_name(processes).items() if hasattr(module, "PROFILED")}
