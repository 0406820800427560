"""What a machine may lack: tests that need it skip with a reason, and fail where nothing may be lacking."""

import os

import pytest


def needs(present: bool, what: str) -> None:
    """Skip the test, saying so, where `what` is not present; with CI_STRICT=1 fail instead, so that no skip hides."""
    if present:
        return
    if os.environ.get("CI_STRICT") == "1":
        pytest.fail(f"needs {what}, and CI_STRICT=1 allows no skip", pytrace=False)
    pytest.skip(f"needs {what}")
