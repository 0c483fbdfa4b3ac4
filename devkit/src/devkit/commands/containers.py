"""Commands for the product in containers."""

from __future__ import annotations

from typing import Annotated

from devkit.commands.command import command

Service = Annotated[str, "this service only, such as api"]


@command(positional=["service"])
def build(
    *,
    service: Annotated[str, "this service's image only, such as api"] = "",
    bases: Annotated[bool, "first build the base images from Debian's packages, without a registry"] = False,
) -> None:
    """Build the images ([SERVICE], --bases)."""
    from devkit.containers import compose, images, sbom

    running = compose.running()
    if bases:
        images.build_bases(running)
        return
    for name, image in images.build(running, service).items():
        print(images.describe(image))
        print(f"  what it holds: {sbom.write(running, name, image)}")


@command()
def push(*, tag: Annotated[str, "another tag than VERSION, such as the one of a commit"] = "") -> None:
    """Push the images to their registry (--tag TAG)."""
    from devkit.containers import compose, images

    images.push(compose.running(), tag)


@command()
def config() -> None:
    """Show the containers' configuration, secrets masked."""
    from devkit.containers import compose, services

    services.config(compose.configured())


@command()
def up() -> None:
    """Start the product in containers, healthy when it returns."""
    from devkit.containers import compose, services

    services.up(compose.running())


@command()
def down() -> None:
    """Stop and remove the containers, data kept."""
    from devkit.containers import compose, services

    services.down(compose.running())


@command()
def ps() -> None:
    """List the containers."""
    from devkit.containers import compose

    compose.running().run("ps", "--all")


@command(positional=["service"])
def logs(*, service: Service = "", follow: Annotated[bool, "go on showing new lines until Ctrl-C"] = False) -> None:
    """Show the containers' logs ([SERVICE], -f)."""
    from devkit.containers import compose, services

    services.refuse_without_containers()
    services.logs(compose.running(), service, follow=follow)


@command(positional=["service"])
def restart(*, service: Service = "") -> None:
    """Restart the containers, gracefully ([SERVICE])."""
    from devkit.containers import compose, services

    services.restart(compose.running(), service)


@command(positional=["words"])
def admin(*, words: Annotated[str, "the command in quotes, such as indexes; without one, all are listed"] = "") -> None:
    """Run an operators' command in a container ('backup -' > FILE)."""
    from devkit.containers import compose, services

    services.admin(compose.running(), words)
