"""Look at everything the commands rely on; each finding comes with its mend."""

import itertools
import stat
import sys
from collections.abc import Iterator

from devkit import ROOT, diagnosis, env, local_secrets, ports
from devkit.diagnosis import Finding
from devkit.servers.selection import SERVERS, backend, backends, needed
from devkit.servers.server import Context
from devkit.stack.record import Record
from devkit.terminal import CommandError, coloured


def examine(context: Context) -> Iterator[Finding]:
    """Return the findings about settings, servers and the stack, good and bad."""
    for examination in (_secrets, _settings, _servers, _stack):
        try:
            yield from examination(context)
        except CommandError as error:
            yield Finding(str(error), "correct it in .env.local or the environment")


def _secrets(_context: Context) -> Iterator[Finding]:
    path = local_secrets.PATH
    if missing := local_secrets.missing():
        yield Finding(f".env.local lacks {', '.join(missing)}", "invoke install")
    elif stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding(".env.local, which holds secrets, can be read by others", f"chmod 600 {path}")
    else:
        yield Finding(".env.local holds all secrets")


def _settings(_context: Context) -> Iterator[Finding]:
    if unknown := local_secrets.unknown():
        yield Finding(f".env.local sets what .env does not know: {', '.join(unknown)}", "correct or remove these lines")


def _servers(context: Context) -> Iterator[Finding]:
    wanted = needed(context)
    names = {server.name for server in wanted}
    others = [SERVERS[name](context) for name in SERVERS if name not in names]
    yield from backend(context).examine(wanted, others)


def _stack(context: Context) -> Iterator[Finding]:
    port = env.port(context.settings, "API_PORT")
    try:
        record = Record(context.data, "", "")
    except CommandError as error:
        yield Finding(f"the stack is {error}")
        return
    if record.left_over:
        yield Finding(f"`invoke dev` (pid {record.left_over}) was killed, its processes may still run", "invoke dev")
    record.release()
    if ports.is_free(port):
        yield Finding(f"API: port {port} is free")
    elif holder := next(filter(None, (other.holder(port) for other in backends())), ""):
        yield Finding(f"API: port {port} is {holder}")
    else:
        yield Finding(f"API: port {port} is held by {ports.owner(port)}", "stop that, or set another API_PORT")


def run() -> None:
    """Print all findings. Raises CommandError when something is wrong."""
    context = Context(ROOT / ".data", env.settings(), sys.executable)
    findings = itertools.chain(diagnosis.examine(), examine(context))
    if diagnosis.report(findings, lambda text, colour: coloured(text, colour, sys.stdout)):
        raise CommandError("")
