"""The owners that tokens of an OpenID provider stand for: no owner of a key has such a name."""

# Before the provider's name for somebody, so that it is no owner of a key.
TOKENS = "oidc:"
# Characters; shortened, two of them could be one.
_LONGEST_SUBJECT = 200


def is_subject(subject: str) -> bool:
    """Return whether a provider's name for somebody can be an owner's."""
    return 0 < len(subject) <= _LONGEST_SUBJECT
