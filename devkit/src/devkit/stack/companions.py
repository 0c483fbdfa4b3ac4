"""Processes that development starts when the stack works, such as a page about it; nothing waits for them.

A folder of a service declares one in a file `companion.toml`: its `name`, the `module` to run, and the setting that
holds the `port` on which it listens.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from devkit import ROOT, env, ports
from devkit.servers.server import Context
from devkit.stack.specs import LIBS, ProcessSpec, pending


def companions(context: Context, root: Path = ROOT) -> Iterator[ProcessSpec]:
    """Return the companions that the services declare, by their names."""
    for file in sorted(root.glob("services/*/src/*/*/companion.toml")):
        declared = tomllib.loads(file.read_text(encoding="utf-8"))
        url = ports.http_url(ports.HOST, port := env.port(context.settings, declared["port"]))
        yield ProcessSpec(
            declared["name"],
            (context.python, "-m", declared["module"]),
            pending=lambda url=url: pending(url),  # type: ignore[misc] # the default binds the address of this turn
            url=url,
            port=port,
            port_key=declared["port"],
            watched=(*LIBS, *root.glob(f"services/{file.relative_to(root).parts[1]}/src")),
        )
