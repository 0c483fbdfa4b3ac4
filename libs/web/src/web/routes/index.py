"""The root of the API: what it is, and where to go from here."""

from apiflask import APIBlueprint
from flask import current_app, url_for
from pydantic import BaseModel, Field

from web.context import settings

bp = APIBlueprint("index", __name__, tag={"name": "index", "description": "What runs here."})


class Links(BaseModel):
    """The addresses of the API that are not a feature's; null for what is not served."""

    docs: str | None = Field(description="The documentation page; not served in production.")
    openapi: str = Field(description="The OpenAPI document.")
    liveness: str
    readiness: str
    metrics: str | None = Field(description="For Prometheus; not served through a proxy.")


class Index(BaseModel):
    """The service and its version."""

    name: str
    version: str
    links: Links


@bp.get("/")
@bp.output(Index)
@bp.doc(operation_id="getIndex")
def get_index() -> Index:
    """Tell what this service is, and where its documents are."""
    links = Links(
        docs=None if settings().environment == "production" else _address("docs.page"),
        openapi=url_for("openapi.spec"),
        liveness=url_for("health.get_health"),
        readiness=url_for("health.get_readiness"),
        metrics=_address("metrics.metrics"),
    )
    return Index(name=settings().project, version=settings().version, links=links)


def _address(endpoint: str) -> str | None:
    """Return the address of a route that may have been removed from `web.routes`."""
    return url_for(endpoint) if endpoint in current_app.view_functions else None
