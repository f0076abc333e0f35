"""Features of accounts as of a date: one row each, with what could not be known. Refuses scores and decisions."""

from zhike_analytics.features.build import FeatureRun, build_features
from zhike_analytics.features.inputs import CycleInputs

__all__ = ["CycleInputs", "FeatureRun", "build_features"]
