"""Tests of the demonstration operator."""
