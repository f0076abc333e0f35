"""Clusters of accounts over four groups of attributes, their profiles, what peers use. Refuses scores and advice."""

from zhike_analytics.segments.attributes import attributes_of, build_attributes
from zhike_analytics.segments.model import ClusterModel, fit

__all__ = ["ClusterModel", "attributes_of", "build_attributes", "fit"]
