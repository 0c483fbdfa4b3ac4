"""What `invoke dev` and `invoke serve` do."""

import os
import subprocess
import sys

from devkit import ROOT, env, venv
from devkit.servers.actions import data_folder
from devkit.servers.selection import needed
from devkit.servers.server import Context
from devkit.signals import StopRequest
from devkit.stack.companions import companions
from devkit.stack.session import Options, Session
from devkit.stack.specs import product
from devkit.terminal import CommandError


def develop(data: str, *, reload: bool, as_json: bool) -> None:
    """Run the stack until a signal asks to stop, and anew whenever the settings files change."""
    _run(data, Options(reload=reload, as_json=as_json))


def serve(data: str, *, as_json: bool) -> None:
    """Run the stack in production mode until a signal asks to stop; raise when a process or a server ends."""
    os.environ["ENVIRONMENT"] = "production"
    _run(data, Options(production=True, as_json=as_json))


def _run(data: str, options: Options) -> None:
    if problem := _unfit_settings():
        raise CommandError(problem)
    stop = StopRequest()
    anew = True
    while anew:
        context = Context(data_folder(data), env.load(), check=stop.check)
        files = [ROOT / name for name in env.FILES]
        later = list(companions(context)) if options.reload else []
        session = Session(
            context,
            needed(context),
            product(context),
            stop,
            options,
            settings_files=files,
            unfit=_unfit_settings,
            companions=later,
        )
        anew = session.run()


def _unfit_settings() -> str:
    """Return what is wrong with the settings, before anything is started; some processes would not even say which."""
    command = [sys.executable, *venv.ALONE, "admin", "settings"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return f"{done.stderr.strip()}\nSet them in .env.local or in the environment." if done.returncode else ""
