"""Parquet on disk: month partitions swapped in whole, named by a manifest. Refuses half a month."""

from zhike_analytics.lake.store import Lake, LakeError, Manifest, Partition

__all__ = ["Lake", "LakeError", "Manifest", "Partition"]
