"""Tests on public tables, which are not part of the repository."""
