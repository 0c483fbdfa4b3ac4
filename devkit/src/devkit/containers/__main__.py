"""`python -m devkit.containers build|config|up|down|ps|logs|restart|scale`: the product in containers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from devkit import env
from devkit.containers import images, services
from devkit.containers.compose import Compose, refuse_without_compose, refuse_without_engine, refuse_without_secrets
from devkit.servers.selection import needed_names
from devkit.terminal import run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    settings = env.load()
    if options.command == "logs":
        services.refuse_without_containers()
    refuse_without_secrets(settings)
    refuse_without_compose()
    compose = Compose(settings, profiles=needed_names(settings))
    if options.command == "config":
        services.config(compose)
        return 0
    refuse_without_engine()
    if options.command == "build":
        images.build(compose, options.service, bases=options.bases)
    elif options.command == "up":
        services.up(compose)
    elif options.command == "down":
        services.down(compose)
    elif options.command == "ps":
        compose.run("ps", "--all")
    elif options.command == "logs":
        services.logs(compose, options.service, follow=options.follow)
    elif options.command == "admin":
        services.admin(compose, options.words)
    elif options.command == "restart":
        services.restart(compose, options.service)
    else:
        services.scale(compose, options.wanted)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devkit.containers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build the images")
    build.add_argument("service", nargs="?", default="", help="this service's image only")
    build.add_argument("--bases", action="store_true", help="instead, base images from Debian's packages")
    commands.add_parser("config", help="print the resolved configuration, secrets masked")
    commands.add_parser("up", help="start everything, healthy when it returns")
    commands.add_parser("down", help="stop and remove the containers, data kept")
    commands.add_parser("ps", help="list the containers")
    logs = commands.add_parser("logs", help="show logs")
    logs.add_argument("service", nargs="?", default="", help="this service only")
    logs.add_argument("-f", "--follow", action="store_true", help="go on until Ctrl-C")
    restart = commands.add_parser("restart", help="restart, gracefully")
    restart.add_argument("service", nargs="?", default="", help="this service only")
    admin = commands.add_parser("admin", help="run an operators' command")
    admin.add_argument("words", nargs="?", default="", help="the command with its options, such as 'jobs list'")
    scale = commands.add_parser("scale", help="change how many workers run")
    scale.add_argument("wanted", help="such as worker=3")
    return parser


if __name__ == "__main__":
    sys.exit(run_command(main))
