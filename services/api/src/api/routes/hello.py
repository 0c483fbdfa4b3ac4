"""hello over HTTP."""

from apiflask import APIBlueprint

from domain.hello.service import Greeting, greet

bp = APIBlueprint("hello", __name__, url_prefix="/api/v1", tag={"name": "hello", "description": "A greeting."})


@bp.get("/hello")
@bp.output(Greeting)
@bp.doc(operation_id="getHello")
def get_hello() -> Greeting:
    """Say hello.

    Asks no server, so it tells whether the API is reached at all.
    """
    return greet()
