"""Clusters of accounts over four groups of attributes, their profiles, what peers use. Refuses scores and advice."""

from zhike_analytics.segments.attributes import attributes_of, build_attributes
from zhike_analytics.segments.labels import flows
from zhike_analytics.segments.model import ClusterModel, fit
from zhike_analytics.segments.peers import Adoption
from zhike_analytics.segments.profiles import profiles
from zhike_analytics.segments.writing import write_clusters

__all__ = [
    "Adoption",
    "ClusterModel",
    "attributes_of",
    "build_attributes",
    "fit",
    "flows",
    "profiles",
    "write_clusters",
]
