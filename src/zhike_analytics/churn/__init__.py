"""Who will leave and why: fitted, calibrated, explained, saved. Refuses leaks and strangers."""

from zhike_analytics.churn.guard import refuse_leaks
from zhike_analytics.churn.model import ChurnModel, fit

__all__ = ["ChurnModel", "fit", "refuse_leaks"]
