"""The composition root of the API. Opens nothing: the clients connect when a request first needs them."""

from collections.abc import Iterable, Sequence
from types import ModuleType

from apiflask import APIFlask

import domain
from api import access, document, edge, extensions, problems, resources, routes
from common.clients import Clients
from common.config import Settings
from common.discovery import modules_of
from common.feature import Feature, FeatureError, features_of


def create_app(
    settings: Settings,
    clients: Clients | None = None,
    *,
    features: Sequence[Feature] | None = None,
    blueprints: Iterable[ModuleType] | None = None,
) -> APIFlask:
    """Return an API over these settings and clients, with the product's features unless others are given.

    Every module in `api.routes` brings its blueprint as `bp`; a test may give others. Raises FeatureError.
    """
    app = APIFlask(
        __name__,
        title=f"{settings.project} API",
        version=settings.version,
        docs_path=None,
        json_errors=False,
        static_folder=None,  # type: ignore[arg-type]  # Flask means "none" by it, APIFlask's annotation forgot
    )
    app.extensions["settings"] = settings
    app.extensions["clients"] = clients or Clients(settings)
    app.extensions["features"] = features_of(domain) if features is None else features
    for part in (edge, problems, resources, document, *modules_of(extensions)):
        part.install(app)
    for module in modules_of(routes) if blueprints is None else blueprints:
        if not hasattr(module, "bp"):
            raise FeatureError(f"{module.__name__} brings no blueprint. Make one there: bp = APIBlueprint(...).")
        app.register_blueprint(module.bp)
    edge.refuse_unreachable_routes(app)
    access.install(app)
    return app
