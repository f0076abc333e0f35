"""Tests of imported facts."""
