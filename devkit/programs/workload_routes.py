"""The routes of the example feature: it is put under load, so that no measurement needs a feature of the product."""

from apiflask import APIBlueprint

from testing.example import WORK, Example, ExampleCreate, example_of
from web.context import request_id
from web.extensions.jobs import jobs
from web.extensions.jobs.resources import IdempotencyHeaders, accepted
from web.resources import IdPath

bp = APIBlueprint("example", __name__, url_prefix="/api/v1/examples", enable_openapi=False)


@bp.post("")
@bp.input(IdempotencyHeaders, location="headers", arg_name="headers")
@bp.input(ExampleCreate, arg_name="body")
@bp.output(Example, status_code=202)
def create_example(headers: IdempotencyHeaders, body: ExampleCreate) -> tuple[Example, int, dict[str, str]]:
    """Accept a job."""
    document = jobs().accept(WORK, body.model_dump(), key=headers.idempotency_key, request_id=request_id())
    return accepted(example_of(document), "example.get_example")


@bp.get("/<id>")
@bp.input(IdPath, location="path", arg_name="path")
@bp.output(Example)
def get_example(path: IdPath, **_: str) -> Example:
    """Return a job."""
    return example_of(jobs().get(WORK, path.id))
