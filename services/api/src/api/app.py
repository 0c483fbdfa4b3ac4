"""The composition root of the API. Opens nothing: the clients connect when a request first needs them."""

from apiflask import APIFlask

from api import access, document, edge, problems, routes
from common.clients import Clients
from common.config import Settings
from common.discovery import modules_of
from jobs.backlog import Backlog


def create_app(settings: Settings, clients: Clients | None = None) -> APIFlask:
    """An API over these settings and clients; every module in `api.routes` brings its blueprint `bp`."""
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
    app.extensions["backlog"] = Backlog(settings.job_max_pending)
    for part in (edge, problems, document):
        part.install(app)
    for module in modules_of(routes):
        app.register_blueprint(module.bp)
    edge.refuse_unreachable_routes(app)
    access.install(app)
    return app
