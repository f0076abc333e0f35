"""Tests of the room of people."""
