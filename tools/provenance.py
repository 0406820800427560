"""Which pictures something was made from, so that nobody tunes, fits and reports on the same ones unawares."""

import hashlib
from collections.abc import Sequence


def set_name(digests: Sequence[bytes]) -> str:
    """A short name of a set of pictures by their content: the same whatever their order, files and folder."""
    return hashlib.sha256(b"".join(sorted(digests))).hexdigest()[:8]


def pictures_basis(data: str, digests: Sequence[bytes]) -> str:
    """What the basis of a threshold says of the labelled pictures that it was chosen from."""
    return f"Pictures: {data} (set {set_name(digests)})."


def chosen_from(basis: str, digests: Sequence[bytes]) -> bool:
    """Whether a threshold with this basis was chosen from these very pictures."""
    return f"(set {set_name(digests)})" in basis


def fitted_among(digests: Sequence[bytes], fitted_on: frozenset[bytes] | None) -> int | None:
    """How many of the pictures a bank was fitted on; None where that is not known."""
    return None if fitted_on is None else sum(digest in fitted_on for digest in digests)
