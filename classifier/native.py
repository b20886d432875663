"""The name of a type of the kernel comes in, the type or None goes out: whether C serves here; what it does is unknown.

The kernel, `_kernel.c`, may not have been built, or CLASSIFIER_KERNEL=python in the environment says that it is not wanted.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # what `typing` says at run time; see `frozen`
if TYPE_CHECKING:
    from typing import Any

__all__ = ["native"]

_EDITION = 2  # of the kernel that this package speaks to


def native(name: str) -> Any:  # noqa: ANN401 — a class of C, or None
    """Return a type of the kernel, None if plain Python is to do its work."""
    if os.environ.get("CLASSIFIER_KERNEL") == "python":
        return None
    try:
        import classifier._kernel as kernel  # it may not have been built
    except ImportError:
        return None
    if getattr(kernel, "EDITION", None) != _EDITION:  # built from an older checkout
        return None
    return getattr(kernel, name)
