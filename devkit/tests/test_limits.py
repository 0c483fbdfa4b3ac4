"""What the toolbox runs for itself is not limited."""

from devkit.servers.private import private_settings


def test_a_stack_of_its_own_answers_any_number_of_requests() -> None:
    assert private_settings()["RATE_LIMITS"] == "off"
    assert private_settings(RATE_LIMITS="on")["RATE_LIMITS"] == "on", "but what is said wins"
