"""Who will leave and why: fitted, calibrated, explained, saved. Refuses leaks and strangers."""

from zhike_analytics.churn.guard import refuse_leaks
from zhike_analytics.churn.model import ChurnModel, fit
from zhike_analytics.churn.run import ChurnResult, run_churn

__all__ = ["ChurnModel", "ChurnResult", "fit", "refuse_leaks", "run_churn"]
