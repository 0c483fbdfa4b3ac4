"""Who calls: each request to a feature needs a key, `Authorization: Bearer KEY`, with the scope of what it asks for.

Where an OpenID provider is named, a token of its is as good as a key.

What is open to everybody stands in `web.request_guards.PUBLIC`, by the names of the blueprints, and nowhere else.
"""

import logging
from collections.abc import Callable, Mapping

from apiflask import APIFlask
from flask import Response, current_app, g, request

from common.auth import scopes
from common.config import Settings
from common.extensions.auth import AuthSettings
from web.document import Json
from web.extensions.auth.principal import Principal, Principals
from web.problems import RETRY_AFTER, problem
from web.request_guards import PUBLIC, SAFE

log = logging.getLogger(__name__)

SCHEME = "key"
_REALM = 'Bearer realm="api"'


def install(app: APIFlask) -> None:
    """Ask each request who sends it, and tell so in the API's document."""
    settings: Settings = app.extensions["settings"]
    own = settings.section(AuthSettings)
    is_required = own.is_required(settings.environment)
    if settings.environment == "production" and not is_required:
        log.warning("API_AUTH: everybody who reaches the API may use all of it.")
    tells = [Principals(lambda: app.extensions["clients"].database).of]
    if own.oidc_issuer:
        from web.extensions.auth.issuer import IssuerAwayError, IssuerKeys  # noqa: PLC0415 - slow, and rarely used
        from web.extensions.auth.tokens import Tokens  # noqa: PLC0415 - slow, and rarely used

        tells.append(Tokens(IssuerKeys(own.oidc_issuer), own.oidc_issuer, own.oidc_audience).of)
        app.register_error_handler(IssuerAwayError, _on_issuer_away)
    app.extensions["tells_principals"] = tells
    app.extensions["auth_required"] = is_required
    app.extensions["descriptions"].append(describe)
    app.before_request(_authenticate)


def describe(document: Json) -> None:
    """Add to the document which scope each operation needs, and what is answered without it."""
    document["components"]["securitySchemes"] = {
        SCHEME: {"type": "http", "scheme": "bearer", "description": "A key that `invoke keys create` has made."}
    }
    for path in document["paths"].values():
        for method, operation in path.items():
            # The tag of an operation is its feature.
            feature = operation["tags"][0]
            if feature not in PUBLIC:
                scope = scopes.needed(feature, changes=method.upper() not in SAFE)
                operation["security"] = [{SCHEME: []}]
                operation["responses"]["401"] = {"description": "The request brings no key that is valid."}
                operation["responses"]["403"] = {"description": f"The key does not allow `{scope}`."}


def _authenticate() -> Response | None:
    """Find out who sends the request, and refuse what they may not do."""
    # A route of no feature is closed too, but for keys that allow everything.
    feature = request.blueprint or ""
    if request.url_rule is None or feature in PUBLIC:
        return None
    given = request.headers.get("Authorization")
    if given is None and not current_app.extensions["auth_required"]:
        return None
    principal = _principal(given or "")
    if principal is None:
        # RFC 6750, 3.1: who brings nothing is told of no error.
        error = ', error="invalid_token"' if given else ""
        detail = "The key is not valid." if given else "The request needs a key: `Authorization: Bearer KEY`."
        return problem(401, detail, headers={"WWW-Authenticate": f"{_REALM}{error}"})
    request.environ["access.about"] = principal.logged()
    scope = scopes.needed(feature, changes=request.method not in SAFE)
    if not scopes.allows(principal.scopes, scope):
        return problem(403, f"The key does not allow {scope}.", headers=_insufficient(scope))
    g.owner = principal.owner
    return None


def _insufficient(scope: str) -> Mapping[str, str]:
    return {"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{scope}"'}


def _principal(header: str) -> Principal | None:
    """Return who a header stands for; None for what is no key and no token, or none that is valid."""
    tells: list[Callable[[str], Principal | None]] = current_app.extensions["tells_principals"]
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        return None
    return next((principal for tell in tells if (principal := tell(token)) is not None), None)


def _on_issuer_away(_: Exception) -> Response:
    return problem(503, "Tokens cannot be verified now. Try again.", headers={"Retry-After": str(RETRY_AFTER)})
