"""The canonical spelling of a path (RFC 3986, 6.2.2): the one that proxies, rules and routes all read alike."""

import re
import string

_UNRESERVED = string.ascii_letters + string.digits + "-._~"
# What may stand as it is in a segment of a path.
_PLAIN = re.escape(_UNRESERVED + "!$&'()*+,;=:@")
# What has to be encoded, or means something else when it is not; never what some take for the end of a segment.
_ENCODED = "|".join(f"{code:02X}" for code in range(0x100) if chr(code) not in _UNRESERVED + "/\\")
_PATH = re.compile(rf"/|(?:/(?!\.\.?(?:/|$))(?:[{_PLAIN}]|%(?:{_ENCODED}))+)+")


def is_canonical(path: str) -> bool:
    """Return whether a path, as it stands in the request, is spelled in the one canonical way.

    No empty segment and so no slash at the end, no `.` or `..`, nothing encoded that need not be, no encoded slash,
    and upper-case digits.
    """
    return _PATH.fullmatch(path) is not None
