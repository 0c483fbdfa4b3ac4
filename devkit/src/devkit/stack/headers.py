"""What each request to a stack in production has to bring."""

from collections.abc import Mapping

from devkit.extensions import extensions


def headers_for(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that the extensions make for a stack with these settings, whose servers run."""
    return {name: value for module in extensions("callers") for name, value in module.headers(environ).items()}
