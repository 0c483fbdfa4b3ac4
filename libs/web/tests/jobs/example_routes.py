"""The routes of the feature that only tests use."""

from apiflask import APIBlueprint
from apiflask.schemas import EmptySchema

from common.paging import Page
from jobs.resource import JobQuery
from testing.example import WORK, Example, ExampleCreate, example_of
from web.context import request_id
from web.extensions.jobs import jobs
from web.extensions.jobs.resources import FULL, NOT_FAILED, IdempotencyHeaders, acceptance, accepted
from web.resources import UNAVAILABLE, IdPath

bp = APIBlueprint(
    "example", __name__, url_prefix="/api/v1/examples", tag={"name": "example", "description": "Only for tests."}
)


@bp.post("")
@bp.input(IdempotencyHeaders, location="headers", arg_name="headers")
@bp.input(ExampleCreate, arg_name="body")
@bp.output(Example, status_code=202)
@bp.doc(operation_id="createExample", responses=acceptance("example") | FULL | UNAVAILABLE)
def create_example(headers: IdempotencyHeaders, body: ExampleCreate) -> tuple[Example, int, dict[str, str]]:
    """Accept an example."""
    document = jobs().accept(WORK, body.model_dump(), key=headers.idempotency_key, request_id=request_id())
    return accepted(example_of(document), "example.get_example")


@bp.get("")
@bp.input(JobQuery, location="query", arg_name="query")
@bp.output(Page[Example])
@bp.doc(operation_id="listExamples", responses=UNAVAILABLE)
def list_examples(query: JobQuery) -> Page[Example]:
    """List the examples."""
    page = jobs().page(WORK, query)
    return Page[Example](items=[example_of(document) for document in page.items], next_cursor=page.next_cursor)


@bp.get("/<id>")
@bp.input(IdPath, location="path", arg_name="path")
@bp.output(Example)
@bp.doc(operation_id="getExample", responses=UNAVAILABLE)
def get_example(path: IdPath, **_: str) -> Example:
    """Show an example."""
    return example_of(jobs().get(WORK, path.id))


@bp.post("/<id>/retry")
@bp.input(IdPath, location="path", arg_name="path")
@bp.output(Example, status_code=202)
@bp.doc(operation_id="retryExample", responses=NOT_FAILED | UNAVAILABLE)
def retry_example(path: IdPath, **_: str) -> Example:
    """Retry a failed example."""
    return example_of(jobs().retry(WORK, path.id, request_id=request_id()))


@bp.delete("/<id>")
@bp.input(IdPath, location="path", arg_name="path")
@bp.output(EmptySchema, status_code=204)
@bp.doc(operation_id="deleteExample", responses=UNAVAILABLE)
def delete_example(path: IdPath, **_: str) -> str:
    """Cancel or remove an example."""
    jobs().cancel_or_delete(WORK, path.id)
    return ""
