"""Tests of scores, tiers, alerts and the cycle."""
