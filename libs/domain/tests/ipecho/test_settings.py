import pytest
from pydantic import ValidationError

from domain.ipecho.settings import IpechoSettings


def test_an_address_is_kept_as_it_was_written() -> None:
    assert IpechoSettings(ipecho_url="http://127.0.0.1:8080").ipecho_url == "http://127.0.0.1:8080"


@pytest.mark.parametrize("url", ["", "api.ipify.org", "ftp://api.ipify.org", "file:///etc/passwd", "http://"])
def test_what_is_no_http_url_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        IpechoSettings(ipecho_url=url)


@pytest.mark.parametrize("seconds", [0, -1, 61, float("nan"), float("inf")])
def test_a_timeout_is_a_moment_not_an_eternity(seconds: float) -> None:
    with pytest.raises(ValidationError):
        IpechoSettings(ipecho_timeout=seconds)
