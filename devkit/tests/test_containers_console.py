"""Whether there is a container of the console, and what leads to it."""

import pytest
from cryptography import x509

from devkit.certificate import alternatives
from devkit.console import beside
from devkit.edge import beside as edge

ORIGIN = "https://console.example.com:8443"
NAMES = {"API_TRUSTED_HOSTS": "api.example.com"}


@pytest.mark.parametrize(("origin", "names"), [("", []), (ORIGIN, ["console.example.com"])])
def test_it_runs_where_the_proxy_leads_to_it(origin: str, names: list[str]) -> None:
    settings = {"CONSOLE_ORIGIN": origin}
    assert beside.names(settings) == names
    variables = {"EDGE_CONSOLE_NAME": "".join(names), "CONSOLE_REPLICAS": str(len(names))}
    assert beside.variables(settings) == variables
    assert [line.endswith(ORIGIN) for line in beside.told(settings)] == [True for _ in names]


def test_the_certificate_that_is_made_is_for_its_name_too(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(edge, "FOLDER", tmp_path)
    text = edge.variables({**NAMES, "CONSOLE_ORIGIN": ORIGIN})["EDGE_CERTIFICATE"]
    made = x509.load_pem_x509_certificate(text.encode())
    named = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(named) == alternatives(["console.example.com", "api.example.com"])
