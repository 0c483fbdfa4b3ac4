"""Extensions: what a folder of the toolbox adds to the commands, found by the name of a module, so that it can go.

`server_backend` runs servers, `server_kinds` are more of them (`servers.selection`), `release_artifacts` makes
something of a version (`release`), `linting` checks files (`check`), `renaming` tells of data (`rename`), `callers`
make what requests to a stack have to bring (`stack.headers`), `private_settings` are those of a stack of its own
(`servers.private`), `measured` switches something off and on to tell what it costs, `pinning` finds what others publish
(`pin`), and `beside` tells what something that is started beside the services needs.
"""

from importlib import import_module
from pathlib import Path
from types import ModuleType

import devkit


def extensions(name: str) -> list[ModuleType]:
    """Import the modules of this name in the folders of the toolbox, in the order of the folders."""
    folders = sorted(path.parent.name for path in Path(devkit.__file__).parent.glob(f"*/{name}.py"))
    return [import_module(f"devkit.{folder}.{name}") for folder in folders]
