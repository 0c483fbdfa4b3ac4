"""Makes an API of features and routes. Opens nothing: the clients connect when a request first needs them."""

from collections.abc import Iterable, Sequence
from types import ModuleType

from apiflask import APIFlask

from common.clients import Clients
from common.config import Settings
from common.discovery import modules_of
from common.feature import Feature, FeatureError
from common.migrations.standing import Fitness
from common.promises import Promises
from web import access, document, extensions, problems, request_guards, resources, routes


def create_app(
    settings: Settings,
    clients: Clients | None = None,
    *,
    features: Sequence[Feature],
    blueprints: Iterable[ModuleType],
) -> APIFlask:
    """Return an API over these settings and clients that serves these features.

    Each module of `blueprints` brings its blueprint as `bp`, as those of `web.routes` do. Raises FeatureError.
    """
    app = APIFlask(
        __name__,
        title=f"{settings.project} API",
        version=settings.version,
        docs_path=None,
        json_errors=False,
        static_folder=None,  # type: ignore[arg-type]  # Flask means "none" by it, APIFlask's annotation forgot
    )
    # Flask would ask of each function, at each request, whether it is a coroutine. None is.
    app.ensure_sync = lambda func: func  # type: ignore[method-assign]  # a method that apps may replace
    app.extensions["settings"] = settings
    app.extensions["clients"] = clients or Clients(settings)
    app.extensions["features"] = features
    opened: Clients = app.extensions["clients"]
    app.extensions["fitness"] = Fitness(
        lambda: opened.database,
        features,
        # An extension may open more beside MongoDB.
        Promises(lambda: app.extensions["clients"]),
    )
    for part in (request_guards, problems, resources, document):
        part.install(app)
    extensions.install(app)
    for module in (*modules_of(routes), *blueprints):
        if not hasattr(module, "bp"):
            raise FeatureError(f"{module.__name__} brings no blueprint. Make one there: bp = APIBlueprint(...).")
        app.register_blueprint(module.bp)
    request_guards.refuse_unreachable_routes(app)
    access.install(app)
    return app
