"""What stays says nothing of what goes, seen in the files as they are: without a copy it takes seconds."""

from collections.abc import Iterator, Sequence

import pytest

from devkit.capability.declaration import Capability, capabilities, with_users
from devkit.capability.delete import spoken_of
from devkit.capability.marks import marked, without

from ..features.copies import ROOT
from .remains import committed_texts

THERE = capabilities(ROOT)
# Made anew when something goes, from what is left.
_MADE = ("requirements/", "docs/openapi.json", "docs/api")


@pytest.mark.parametrize("name", THERE)
def test_what_is_not_marked_for_a_capability_says_no_word_of_it(name: str) -> None:
    gone = [THERE[one] for one in sorted(with_users([name], THERE))]
    assert spoken_of(gone, what_stays(gone)) == []


def what_stays(gone: Sequence[Capability]) -> Iterator[tuple[str, str]]:
    """Yield the committed texts that stay, and their paths, as they are once capabilities are gone."""
    own = {file.relative_to(ROOT).as_posix() for capability in gone for file in capability.all_files(ROOT)}
    for path, text in committed_texts():
        if path not in own and not path.startswith(_MADE):
            for capability in gone:
                if marked(text, [capability.name]):
                    text = without(text, capability.name)
            yield path, text
