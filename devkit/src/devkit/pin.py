"""Pin what others publish under a tag, which they can move, to what the tag stands for today.

Each publisher is asked. Where one cannot be asked, the tag stays as it is and is listed: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from devkit import ROOT, check
from devkit.capability.declaration import STARTER, capabilities
from devkit.extensions import extensions
from devkit.mention import AskError, Mention
from devkit.terminal import CommandError, say


def pin(*, dry_run: bool) -> None:
    """Ask for all that our files mention, and write what was answered. Raises CommandError for what stays unpinned."""
    found = mentions()
    answers = ask(found)
    changed = [mention for mention in found if answers.get(mention.text, mention.text) != mention.text]
    for mention in changed:
        print(f"{'would pin' if dry_run else 'pinned'} {mention.path}: {answers[mention.text]}")
    if not dry_run:
        write(changed, answers)
    left = [mention for mention in found if not mention.is_pinned and mention.text not in answers]
    say(f"{len(found) - len(left)} of {len(found)} mentions are pinned{' then' if dry_run else ''}.")
    if left and not dry_run:
        raise CommandError(f"{len(left)} stay unpinned, for they could not be asked about; the lines above say why.")


def mentions() -> list[Mention]:
    """Return what our files mention. The toolbox's own files are the starter's, which updates replace."""
    names = [name for name in check.source_files() if STARTER in capabilities(ROOT) or not name.startswith("devkit/")]
    return [mention for module in extensions("pinning") for mention in module.mentions(names)]


def ask(found: Iterable[Mention]) -> dict[str, str]:
    """Return the answers by what stands in the files; say what could not be asked about, where it stands, and why."""
    places: dict[str, list[Mention]] = {}
    for mention in found:
        places.setdefault(mention.text, []).append(mention)
    answers: dict[str, str] = {}
    # At once, for one who is out of reach may take seconds to be given up.
    with ThreadPoolExecutor(8) as pool:
        asked = {text: pool.submit(same[0].ask) for text, same in places.items()}
    for text, future in asked.items():
        try:
            answers[text] = future.result()
        except AskError as error:
            state = "stays as it is" if places[text][0].is_pinned else "UNPINNED"
            files = ", ".join(dict.fromkeys(mention.path for mention in places[text]))
            say(f"{state}: {text} in {files}: {error}")
    return answers


def write(changed: Sequence[Mention], answers: Mapping[str, str]) -> None:
    """Write the answers into the files."""
    for path in dict.fromkeys(mention.path for mention in changed):
        text = (ROOT / path).read_text(encoding="utf-8")
        # From the end, so that what is left stands where it was found.
        for mention in sorted((each for each in changed if each.path == path), key=lambda each: -each.start):
            text = text[: mention.start] + answers[mention.text] + text[mention.start + len(mention.text) :]
        (ROOT / path).write_text(text, encoding="utf-8")
