"""What the library of signed tokens brings along; it is loaded where an OpenID provider is named."""

NEUTRALISED: dict[str, tuple[str, str]] = {}
NOT_REACHED = {"CFFI_TMPDIR"}  # where cffi would compile, which wheels have done
OPTIONS: tuple[str, ...] = ()
