"""Tests of playbooks."""
