"""The face for staff: navigation and pages across rooms. Refuses rules and models."""
