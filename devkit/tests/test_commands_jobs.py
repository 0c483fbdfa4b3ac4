"""`invoke jobs`: words behind a command, and options with values between them."""

import pytest

from devkit.commands.collection import collection
from devkit.commands.profile import profile

from .conftest import Refusal
from .test_commands import invoke


def test_the_command_is_there() -> None:
    assert "jobs" in collection().task_names


@pytest.mark.parametrize("words", ["list --state lost", "--state lost list", "list --state=lost", "--state lost"])
def test_a_value_of_an_option_is_not_taken_for_a_word_behind_the_command(words: str) -> None:
    done = invoke("jobs", *words.split())
    assert (done.returncode, "invalid choice: 'lost'" in done.stderr) == (2, True)


def test_a_command_takes_as_many_words_as_it_names() -> None:
    assert "--all-failed" in invoke("jobs", "retry").stderr
    assert "No idea what 'more' is!" in invoke("jobs", "retry", "a,b", "more").stderr


def test_the_beat_only_sends_so_there_is_nothing_to_profile(refusal: Refusal) -> None:
    assert "--service" in refusal(profile, "--live=5s", "--service=beat")
