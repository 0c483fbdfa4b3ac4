"""What must hold of a repository when a feature is made in it, and when features are removed from it."""

from collections.abc import Iterable
from pathlib import Path

from devkit.feature.spec import TYPES

from .copies import COLLECT, devkit, git, run_here

ALL_TYPES = ",".join(f"a_{kind}:{kind}" for kind in TYPES)


def is_made_green_and_removed_without_a_trace(root: Path, options: Iterable[str]) -> None:
    """Fail unless a feature with these options passes all checks at once, and its removal leaves the former bytes."""
    before = git(root, "rev-parse", "HEAD^{tree}")
    typed = [f"--{option}" for option in options]
    code, said = devkit(root, "new", "feature", "invoice", "--fields", ALL_TYPES, *typed)
    assert code == 0, said
    run_here(root, "-m", "devkit", "lint")
    run_here(root, "-m", "mypy")
    run_here(root, "-m", "devkit", "openapi", "--check")
    own = [str(path.relative_to(root)) for path in sorted(root.glob("services/*/tests/**/test_invoice.py"))]
    tests = ["libs/domain/tests/invoice", *own, "services/api/tests/test_samples.py"]
    run_here(root, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *tests)
    code, said = devkit(root, "remove", "feature", "invoice")
    assert code == 0, said
    assert git(root, "rev-parse", "HEAD^{tree}") == before
    assert git(root, "status", "--porcelain") == ""


def are_removed_and_the_rest_is_whole(root: Path, features: Iterable[str]) -> None:
    """Fail unless a repository is in order without features, and as before when that is taken back."""
    before = git(root, "rev-parse", "HEAD^{tree}")
    removed = list(features)
    for feature in removed:
        code, said = devkit(root, "remove", "feature", feature, "--yes")
        assert code == 0, said
    passes_its_checks(root)
    run_here(root, *COLLECT, "-m", "")
    assert git(root, "status", "--porcelain") == ""
    if removed:
        git(root, "revert", "--no-edit", f"HEAD~{len(removed)}..HEAD")
    assert git(root, "rev-parse", "HEAD^{tree}") == before


def passes_its_checks(root: Path) -> None:
    """Fail unless lint, types, locks and the documents of the API are in order."""
    for command in (("lint",), ("types",), ("lock", "--check"), ("openapi", "--check")):
        run_here(root, "-m", "devkit", *command)
