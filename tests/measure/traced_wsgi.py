"""What the coverage session serves in place of `api.wsgi:app`: the same application, with its threads measured.

granian makes its request threads in Rust, so Python never offers them to coverage, which follows `threading.settrace`.
"""

import sys
import threading
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from api.wsgi import app as measured


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer a request in a thread that is measured."""
    sys.settrace(threading.gettrace())
    return measured(environ, start_response)
