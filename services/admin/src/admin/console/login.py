"""Who may see the console where a password is set: who sent it, for 12 hours, and an hour after the last request.

A session is a cookie that Flask signs. Its key follows from SECRET_KEY and from what is kept of the password, so
another password ends every session. The last ones that were logged out are remembered, so copies are worth nothing.
"""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from flask import Flask, Response, render_template, request, session

from admin.console.attempts import Attempts, TooManyAttemptsError
from admin.console.forms import posted_fields
from admin.console.password import is_password
from common.config import Settings

# Seconds that a session lasts at most, without a request, and that its cookie may be behind.
LIFETIME, IDLE, NOTED_EVERY = 12 * 3600, 3600, 60
# Sessions that are known to be logged out, at most.
CAPACITY = 1000
COOKIE = "console_session"
# What is shown to everybody: the form, and how it looks.
_FORM, _STYLE = "/login", "/static/page.css"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Login:
    """The login of one console."""

    def __init__(self, kept: str, clock: Callable[[], float] = time.time) -> None:
        self._kept, self._clock = kept, clock
        self._attempts = Attempts()
        self._ended: OrderedDict[str, float] = OrderedDict()

    def guard(self) -> Response | None:
        """Lead everybody to the form who has not sent the password."""
        if request.path in {_FORM, _STYLE} or self._is_in():
            return None
        return _redirect(_FORM)

    def show(self) -> Response:
        """Return the form."""
        return _form(200)

    def submit(self) -> Response:
        """Begin a session for who sends the password; 422 for another one, 429 after too many of them."""
        password = posted_fields().get("password", "")
        try:
            if not self._attempts.attempt(lambda: is_password(password, self._kept)):
                return _form(422, "This is not the password.")
        except TooManyAttemptsError as error:
            said = f"Too many wrong passwords. Wait {error.seconds} seconds, and send it again."
            return _form(429, said, {"Retry-After": str(error.seconds)})
        now = self._clock()
        session.clear()
        session.update(id=secrets.token_hex(16), began=now, seen=now)
        return _redirect("/")

    def end(self) -> Response:
        """End the session of the request, copies of its cookie included."""
        self._ended[session["id"]] = self._clock()
        while len(self._ended) > CAPACITY:
            self._ended.popitem(last=False)
        session.clear()
        return _redirect(_FORM)

    def _is_in(self) -> bool:
        now = self._clock()
        if not session or session["id"] in self._ended:
            return False
        if now - session["began"] >= LIFETIME or now - session["seen"] >= IDLE:
            session.clear()
            return False
        if now - session["seen"] >= NOTED_EVERY:
            session["seen"] = now
        return True


def install(
    app: Flask, settings: Settings, kept: str, clock: Callable[[], float] = time.time, *, is_encrypted: bool = False
) -> None:
    """Ask for the password wherever one is set; behind the guards, so that no page of another site sends the form."""
    app.jinja_env.globals["has_login"] = bool(kept)
    if not kept:
        return
    login = Login(kept, clock)
    secret = settings.secret_key.get_secret_value().encode()
    app.secret_key = hmac.digest(secret, b"session of the console\0" + kept.encode(), hashlib.sha256)
    # Over plain HTTP, to this machine alone, some browsers would not send a `Secure` one back.
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=is_encrypted,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    app.before_request(login.guard)
    app.add_url_rule(_FORM, "login.show", login.show, methods=["GET"])
    app.add_url_rule(_FORM, "login.submit", login.submit, methods=["POST"])
    app.add_url_rule("/logout", "login.end", login.end, methods=["POST"])


def _form(status: int, error: str = "", headers: dict[str, str] | None = None) -> Response:
    # Without a referrer browsers would hide the origin of the form, too.
    shown = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin", **(headers or {})}
    html = render_template("login.html", error=error)
    return Response(html, status, shown, content_type="text/html; charset=utf-8")


def _redirect(path: str) -> Response:
    return Response(status=303, headers={"Location": path}, mimetype="text/plain")
