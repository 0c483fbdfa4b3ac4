"""The three requests that `invoke bench api` measures, served as a feature of the product serves its own."""

from apiflask import APIBlueprint
from pydantic import BaseModel

from common.paging import Page, PageQuery
from testing import resource
from testing.resource import Resource
from web.context import database, owner, pages
from web.resources import IdPath

bp = APIBlueprint("bench_resource", __name__, url_prefix="/api/v1/bench", enable_openapi=False)


class Hello(BaseModel):
    """An answer that needs no database."""

    message: str


@bp.get("/hello")
@bp.output(Hello)
def hello() -> Hello:
    """Answer without asking anything."""
    return Hello(message="Hello, world!")


@bp.get("/resources")
@bp.input(PageQuery, location="query", arg_name="query")
@bp.output(Page[Resource])
def list_resources(query: PageQuery) -> Page[Resource]:
    """List the resources, the newest first."""
    return resource.page(database(), pages(), query, owner=owner())


@bp.get("/resources/<id>")
@bp.input(IdPath, location="path", arg_name="path")
@bp.output(Resource)
def get_resource(path: IdPath, **_: str) -> Resource:
    """Show a resource."""
    return resource.get(database(), path.id, owner=owner())
