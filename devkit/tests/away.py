"""The environment of a proxy that is away."""

from devkit import ports


def dead_proxy() -> dict[str, str]:
    """Settings of a proxy that does not answer, in both spellings, without any exception."""
    names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
    return dict.fromkeys(names, f"http://{ports.HOST}:{ports.unused()}") | {"NO_PROXY": "", "no_proxy": ""}
