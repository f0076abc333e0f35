"""Tests of duplicate candidates."""
