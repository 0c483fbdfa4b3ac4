"""What a former name of the product has left; a new database that is empty would look as if the data were lost."""

from collections.abc import Iterator, Sequence

from devkit.servers.selection import Backend, backend
from devkit.servers.server import Context, Server
from devkit.terminal import say


def tell_of_former_data(context: Context, servers: Sequence[Server], by: Backend | None = None) -> None:
    """Say which data of another name the product's database lacks, and the commands that move them.

    The servers run by what the settings choose, unless it is told.
    """
    if not any(server.name == "mongo" for server in servers) or not _is_named_after_project(context):
        return
    for name, moving in (by or backend(context)).former(context).items():
        say("\n".join(_lines(context.settings["MONGO_DATABASE"], name, moving)))


def _is_named_after_project(context: Context) -> bool:
    """Return whether nobody has chosen the database, such as one for a trial."""
    return bool(name := context.settings.get("PROJECT")) and context.settings.get("MONGO_DATABASE") == name


def _lines(own: str, name: str, moving: Sequence[str]) -> Iterator[str]:
    yield f"note: the database {own} lacks what {name} holds, which is here too. To move it, with the product stopped:"
    yield from (f"  {command}" for command in moving)
