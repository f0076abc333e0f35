"""Whether the data is made up. Refuses anything else."""

from __future__ import annotations

from zhike.demo.models import Demonstration


def is_demonstration() -> bool:
    """Return whether the demonstration operator fills this installation (the shell's footer says so)."""
    return Demonstration.objects.exists()
