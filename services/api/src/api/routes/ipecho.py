"""ipecho over HTTP: when the remote service fails, the answer says so as a gateway does."""

from apiflask import APIBlueprint
from flask import Response

from domain.ipecho.model import PublicAddress, RemoteError, RemoteTimeoutError
from domain.ipecho.service import public_address
from domain.ipecho.settings import IpechoSettings
from web.context import settings
from web.document import Responses
from web.problems import problem

bp = APIBlueprint(
    "ipecho",
    __name__,
    url_prefix="/api/v1",
    tag={"name": "ipecho", "description": "Our address, as a remote service sees it."},
)

RESPONSES: Responses = {
    502: {"description": "The remote service cannot be reached, or its answer is no IP address."},
    504: {"description": "The remote service did not answer in time."},
}


@bp.get("/ipecho")
@bp.output(PublicAddress)
@bp.doc(operation_id="getIpecho", responses=RESPONSES)
def get_ipecho() -> PublicAddress:
    """Tell the API's public IP address.

    Asks the service that `IPECHO_URL` names, up to three times within `IPECHO_TIMEOUT` seconds.
    """
    return public_address(settings().section(IpechoSettings))


@bp.errorhandler(RemoteError)
def _on_remote_error(error: RemoteError) -> Response:
    return problem(504 if isinstance(error, RemoteTimeoutError) else 502, str(error))
