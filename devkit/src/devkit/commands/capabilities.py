"""The command that lists the parts of the project that can be removed."""

from devkit.commands.command import command


@command()
def capabilities() -> None:
    """List what can be removed, and how large each part is."""
    from devkit.capability import change

    change.show()
