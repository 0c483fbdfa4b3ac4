"""The certificate that we show to a server which asks for one: a file in PEM that holds its key too.

Works on raw settings, by their lower-case names, for it is asked before there are checked ones.
"""

import ssl
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path


def unfit(name: str, values: Mapping[str, str]) -> Iterator[str]:
    """Yield why the file that a setting names cannot be shown, or in production must not; nothing where it is empty."""
    if path := values.get(name.lower(), ""):
        yield from _unreadable(name, path)
        if values.get("environment") == "production":
            yield from _public(name, path)


def _unreadable(name: str, path: str) -> Iterator[str]:
    try:
        # A pipe that nobody writes to would be waited for.
        if not stat.S_ISREG(Path(path).stat().st_mode):
            yield f"{name}: {path} is no file"
            return
        # Without a password for the key nobody is asked for one.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(path, password="")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            yield f"{name}: {path} holds a key that is not its certificate's"
        else:
            yield f"{name}: {path} holds no certificate with its key in PEM, the key without a password"
    except OSError as error:
        yield f"{name}: {path} cannot be read: {error.strerror}"


def _public(name: str, path: str) -> Iterator[str]:
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        # That is told of already.
        return
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        yield f"{name}: {path} may be read or written by everybody on the machine: `chmod o=` it"
