"""Value, loyalty, competitor lock-in, tiers and rule alerts, and the cycle that makes them. Refuses to read facts."""

from zhike_analytics.scoring.cycle import CycleResult, run_cycle

__all__ = ["CycleResult", "run_cycle"]
