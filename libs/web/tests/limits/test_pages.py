"""What a page of another site reads of the limits."""

from .conftest import Limited

APP = "https://app.example.com"


def test_a_page_may_read_what_is_left_and_a_preflight_is_not_counted(limited: Limited) -> None:
    client = limited(RATE_LIMIT_READ="1/hour", API_CORS_ORIGINS=APP).test_client()
    asked = {"Origin": APP, "Access-Control-Request-Method": "GET"}
    for _ in range(3):
        assert client.options("/api/v1/resources", headers=asked).status_code == 204
    for status in (200, 429):
        answer = client.get("/api/v1/resources", headers={"Origin": APP})
        assert answer.status_code == status
        exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
        assert {"RateLimit", "RateLimit-Policy"} <= set(exposed)
    assert "Retry-After" in exposed
