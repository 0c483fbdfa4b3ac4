"""The routes of the feature that only tests use."""

from apiflask import APIBlueprint
from apiflask.schemas import EmptySchema
from flask import url_for

from common.paging import Page, PageQuery
from testing import resource
from testing.resource import Resource, ResourceCreate
from web.context import database, owner, pages
from web.resources import UNAVAILABLE, IdPath

bp = APIBlueprint(
    "resource", __name__, url_prefix="/api/v1/resources", tag={"name": "resource", "description": "Only for tests."}
)


@bp.post("")
@bp.input(ResourceCreate, arg_name="body")
@bp.output(Resource, status_code=201)
@bp.doc(operation_id="createResource", responses=UNAVAILABLE)
def create_resource(body: ResourceCreate) -> tuple[Resource, int, dict[str, str]]:
    """Store a resource."""
    stored = resource.create(database(), body, owner=owner())
    return stored, 201, {"Location": url_for("resource.get_resource", id=stored.id)}


@bp.get("")
@bp.input(PageQuery, location="query", arg_name="query")
@bp.output(Page[Resource])
@bp.doc(operation_id="listResources", responses=UNAVAILABLE)
def list_resources(query: PageQuery) -> Page[Resource]:
    """List the resources."""
    return resource.page(database(), pages(), query, owner=owner())


@bp.get("/<id>")
@bp.input(IdPath, location="path", arg_name="path")
@bp.output(Resource)
@bp.doc(operation_id="getResource", responses=UNAVAILABLE)
def get_resource(path: IdPath, **_: str) -> Resource:
    """Show a resource."""
    return resource.get(database(), path.id, owner=owner())


@bp.delete("/<id>")
@bp.input(IdPath, location="path", arg_name="path")
@bp.output(EmptySchema, status_code=204)
@bp.doc(operation_id="deleteResource", responses=UNAVAILABLE)
def delete_resource(path: IdPath, **_: str) -> str:
    """Remove a resource."""
    resource.delete(database(), path.id, owner=owner())
    return ""
