"""Commands that run the product."""

from __future__ import annotations

import os
import sys
from typing import Annotated

from devkit import venv
from devkit.commands.command import command

Data = Annotated[str, "the folder of data, logs and pids, .data unless told"]
Json = Annotated[bool, "print one line of JSON when everything works, and no logs"]


@command()
def dev(
    *,
    data: Data = "",
    json: Json = False,
    without: Annotated[str, "processes that you start yourself, as in a debugger: NAME,... of those it lists"] = "",
    reload: Annotated[bool, "restart what changes; --no-reload leaves it"] = True,
) -> None:
    """Run the whole stack with reload, until Ctrl-C (--without api)."""
    from devkit.stack.settings_check import SettingsCheck

    # Before the imports below, for it takes as long as they do.
    with SettingsCheck() as fitness:
        from devkit.stack import run

        run.develop(fitness, data, without=without, reload=reload, as_json=json)


@command()
def serve(*, data: Data = "", json: Json = False) -> None:
    """Run the stack in production mode; ends when a process ends."""
    from devkit.stack.settings_check import SettingsCheck

    os.environ["ENVIRONMENT"] = "production"
    with SettingsCheck() as fitness:
        from devkit.stack import run

        run.serve(fitness, data, as_json=json)


@command()
def shell() -> None:
    """Open Python with settings, clients and database at hand."""
    venv.replace_by(sys.executable, *venv.ALONE, "admin", "shell")
