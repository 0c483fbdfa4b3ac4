"""The metrics, for Prometheus; docs/monitoring.md tells what to watch."""

import logging
from itertools import chain

from apiflask import APIBlueprint
from flask import Response, abort, current_app, request
from flask.blueprints import BlueprintSetupState
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from common.discovery import modules_of
from common.metrics import registry
from common.mongo_collector import MongoCollector
from web import extensions

bp = APIBlueprint("metrics", __name__, enable_openapi=False)

# What a proxy adds to a request. A client can add it too, but cannot take it away.
FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")


@bp.record
def _install(state: BlueprintSetupState) -> None:
    """One registry for an app, so that all who ask within a second share an answer of MongoDB's."""
    added = [module.collectors for module in modules_of(extensions) if hasattr(module, "collectors")]
    told: list[Collector] = [*chain.from_iterable(collectors(state.app) for collectors in added)]
    if not any(isinstance(collector, MongoCollector) for collector in told):
        told.append(MongoCollector(lambda: state.app.extensions["clients"].database))
    state.app.extensions["metrics"] = registry(*told)


@bp.get("/metrics")
def metrics() -> Response:
    """Return what all API processes have counted, and what its extensions tell.

    A client that reaches the API directly may read it. A request that came through a proxy gets 404, also where the
    proxy does not close this address.
    """
    if any(name in request.headers for name in FORWARDED):
        abort(404)
    request.environ["access.level"] = logging.DEBUG
    return Response(generate_latest(current_app.extensions["metrics"]), content_type=CONTENT_TYPE_LATEST)
