"""What `invoke dev` and `invoke serve` do."""

from collections.abc import Sequence

from devkit import ROOT, env, values
from devkit.servers.actions import data_folder
from devkit.servers.selection import needed
from devkit.servers.server import Context
from devkit.signals import StopRequest
from devkit.stack.companions import companions
from devkit.stack.product import names, product
from devkit.stack.session import Options, Session
from devkit.stack.settings_check import SettingsCheck


def develop(fitness: SettingsCheck, data: str, *, without: str, reload: bool, as_json: bool) -> None:
    """Run the stack until a signal asks to stop, and anew whenever the settings files change.

    `without` names processes, separated by commas, that are started in another way.
    """
    left_out = values.names("--without", without, names())
    _run(fitness, data, Options(reload=reload, as_json=as_json), without=left_out)


def serve(fitness: SettingsCheck, data: str, *, as_json: bool) -> None:
    """Run the stack in production mode until a signal asks to stop; raise when a process or a server ends."""
    # Without its file every setting is missing, and this says how it comes back.
    env.settings()
    # Nothing is started before, for a server would keep a password that is refused.
    fitness.wait()
    _run(fitness, data, Options(production=True, as_json=as_json))


def _run(fitness: SettingsCheck, data: str, options: Options, *, without: Sequence[str] = ()) -> None:
    stop = StopRequest()

    def check() -> None:
        stop.check()
        fitness.check()

    anew = True
    while anew:
        context = Context(data_folder(data), env.settings(), check=check)
        files = [ROOT / name for name in env.FILES]
        later = list(companions(context)) if options.reload else []
        session = Session(
            context,
            needed(context),
            product(context, without=without),
            stop,
            options,
            settings_files=files,
            fit=fitness.wait,
            unfit=lambda: SettingsCheck().problem,
            companions=later,
        )
        anew = session.run()
