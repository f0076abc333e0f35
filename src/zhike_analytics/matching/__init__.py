"""Accounts that may be one and the same: candidates with reasons. Refuses to merge: people decide."""

from zhike_analytics.matching.find import find_duplicates

__all__ = ["find_duplicates"]
