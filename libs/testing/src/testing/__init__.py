"""What the tests of all packages share: fixtures, real servers, an example feature. It is never shipped."""
