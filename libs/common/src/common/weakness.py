"""What makes a secret easy to guess: its length, its characters, words that everybody tries."""

import itertools
import re
from collections.abc import Iterable

MIN_LENGTH = 16
MIN_DIFFERENT = 8
# A secret is weak when it holds nothing but these, digits and signs.
_WORDS = """
    admin administrator asdf asdfgh change changeit changeme database db default demo dev development dragon example
    flask foo bar baz guest hello iloveyou key letmein local localhost login master me mongo mongodb monkey my none null
    pass passphrase passwd password please prod production product project pw python qazwsx qwerty qwertyuiop
    qwertyuiopasdfghjkl replace root sample secret server staging string super sunshine supersecret system temp test
    testing the this to token todo trustno user welcome with word world your zxcvbn zxcvbnm
"""
# Signs in the place of letters.
_LETTERS = str.maketrans("01345789@$!", "oieastbgasi")


def weakness(secret: str, *names: str) -> str | None:
    """Return why a secret is not fit for production, or None; the reason holds nothing of the secret.

    The words of `names`, such as the name of its setting and of the product, are usual words too.
    """
    if not secret.strip():
        return "is missing"
    if _is_usual(secret, names):
        return "is made of usual words"
    if len(secret) < MIN_LENGTH:
        return f"is shorter than {MIN_LENGTH} characters"
    if _repeats(secret) or _counts(secret):
        return "repeats itself, or counts"
    if len(set(secret)) < MIN_DIFFERENT:
        return f"has fewer than {MIN_DIFFERENT} different characters"
    return None


def _is_usual(secret: str, names: Iterable[str]) -> bool:
    """Return whether a secret holds nothing but usual words, also where signs stand for letters, digits and signs."""
    own = {word for name in names for word in re.findall(r"[a-z]{3,}", name.casefold())}
    # The longest ones first and for good, so that a long secret takes no longer than reading it.
    usual = re.compile(f"(?:{'|'.join(sorted({*_WORDS.split(), *own}, key=len, reverse=True))})++")
    small = secret.casefold()
    return any(usual.fullmatch(re.sub(r"[\W\d_]", "", text)) for text in (small, small.translate(_LETTERS)))


def _repeats(secret: str) -> bool:
    """Return whether a secret is the beginning of its own first half again and again."""
    return any(secret[length:] == secret[:-length] for length in range(1, len(secret) // 2 + 1))


def _counts(secret: str) -> bool:
    """Return whether each character follows the one before, up or down, as in `abcdefgh` or `98765432`."""
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(secret)}
    return steps in ({1}, {-1})
