"""The command for API keys."""

from __future__ import annotations

import sys
from typing import Annotated

from devkit import venv
from devkit.commands.command import command


@command(positional=["action", "ids"], letters=False)
def keys(
    *,
    action: Annotated[str, "create, list, revoke, rotate or assign"] = "list",
    ids: Annotated[str, "of the keys to revoke or rotate, separated by commas"] = "",
    owner: Annotated[str, "create, list: whose resources the keys are for; assign: who gets those of nobody"] = "",
    scopes: Annotated[str, "create: what it allows, FEATURE:read or FEATURE:write, separated by commas, or *"] = "",
    expires_in: Annotated[str, "create: such as 12h or 90d; never, unless told"] = "",
    overlap: Annotated[str, "rotate: until the old one expires; 1h, unless told"] = "",
    dry_run: Annotated[bool, "assign: change nothing, and tell how many there are"] = False,
    yes: Annotated[bool, "assign: do not only tell, but do it"] = False,
    json: Annotated[bool, "print JSON on standard output"] = False,
) -> None:
    """Make API keys, list, revoke, rotate them, assign."""
    values = {"owner": owner, "expires-in": expires_in, "overlap": overlap}
    options = [f"--{option}={value}" for option, value in values.items() if value]
    options += [f"--scope={scope}" for scope in scopes.split(",") if scope]
    flags = ["--dry-run"] * dry_run + ["--yes"] * yes + ["--json"] * json
    # Behind two dashes, for an id may begin with one.
    chosen = ["--", *ids.split(",")] * bool(ids)
    venv.run(sys.executable, *venv.ALONE, "admin", "keys", action, *options, *flags, *chosen)
