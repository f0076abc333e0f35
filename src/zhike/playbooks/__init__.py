"""Playbooks: which signal of which account asks for which step, and what acting now is worth. Refuses to act itself."""
