"""SQL of the scores, alerts and tiers of cycles: their shape, their partitions, how tiers follow. Refuses to run any.

Scores and alerts are partitioned by cycle: each cycle fills bare tables, indexes them, attaches them with the swap.
"""

from __future__ import annotations

from zhike.insights.sql import bare_partition, partition

SCORES, ALERTS = "insights_accountscore", "insights_alert"
PARENTS = (SCORES, ALERTS)

SCORES_TABLE = f"""
CREATE TABLE {SCORES} (
    cycle_id bigint NOT NULL,
    account_id bigint NOT NULL,
    region_id bigint NOT NULL,
    lead_id bigint,
    customer boolean NOT NULL,
    value integer,
    value_confidence smallint NOT NULL,
    value_parts integer[] NOT NULL,
    value_unknown text NOT NULL,
    value_change integer,
    value_top_permille smallint,
    contribution_rate_permille bigint,
    loyalty integer,
    loyalty_confidence smallint NOT NULL,
    loyalty_parts integer[] NOT NULL,
    loyalty_unknown text NOT NULL,
    loyalty_change integer,
    loyalty_top_permille smallint,
    attitude integer,
    lock_in integer,
    lock_in_confidence smallint NOT NULL,
    lock_in_parts integer[] NOT NULL,
    lock_in_unknown text NOT NULL,
    lock_in_change integer,
    lock_in_top_permille smallint,
    win_back_permille integer,
    winnable_fen bigint,
    quadrant varchar(10) NOT NULL,
    tier varchar(4) NOT NULL,
    tier_reason varchar(12) NOT NULL,
    by_score varchar(4) NOT NULL,
    by_bill varchar(4) NOT NULL,
    previous_tier varchar(4) NOT NULL,
    moved varchar(8) NOT NULL,
    moved_because varchar(40) NOT NULL,
    service_level varchar(20) NOT NULL,
    assurance_level varchar(20) NOT NULL,
    bill_mean3_fen bigint
) PARTITION BY LIST (cycle_id)
"""

ALERTS_TABLE = f"""
CREATE TABLE {ALERTS} (
    cycle_id bigint NOT NULL,
    account_id bigint NOT NULL,
    region_id bigint NOT NULL,
    rule varchar(40) NOT NULL,
    level varchar(8) NOT NULL,
    measure double precision NOT NULL,
    threshold double precision NOT NULL,
    unit varchar(20) NOT NULL,
    stake_fen bigint,
    evidence jsonb NOT NULL,
    since date NOT NULL
) PARTITION BY LIST (cycle_id)
"""

SUMMARY_COLUMNS = """
ALTER TABLE insights_accountsummary
    ADD COLUMN value integer NOT NULL DEFAULT -1,
    ADD COLUMN loyalty integer NOT NULL DEFAULT -1,
    ADD COLUMN lock_in integer NOT NULL DEFAULT -1,
    ADD COLUMN quadrant varchar(10) NOT NULL DEFAULT '',
    ADD COLUMN alert_level smallint NOT NULL DEFAULT 0,
    ADD COLUMN alert_count smallint NOT NULL DEFAULT 0,
    ADD COLUMN stake_fen bigint NOT NULL DEFAULT 0,
    ADD COLUMN previous_tier varchar(4) NOT NULL DEFAULT '',
    ADD COLUMN moved varchar(8) NOT NULL DEFAULT ''
"""


def create_partition(parent: str, cycle: int) -> str:
    """Return SQL for the bare table of one cycle."""
    return bare_partition(parent, "cycle_id", cycle)


def index_partition(parent: str, cycle: int) -> list[str]:
    """Return SQL for the indexes of a filled partition."""
    table = partition(parent, cycle)
    if parent == SCORES:
        shapes = ["(tier, account_id)", "(account_id) WHERE moved IN ('up', 'down')"]
        statements = [f"ALTER TABLE {table} ADD PRIMARY KEY (account_id)"]
    else:
        shapes = ["(rule, level, account_id)"]
        statements = [f"ALTER TABLE {table} ADD PRIMARY KEY (account_id, rule)"]
    return [*statements, *(f"CREATE INDEX ON {table} {shape}" for shape in shapes), f"ANALYZE {table}"]


def attach_partition(parent: str, cycle: int) -> str:
    """Return SQL that makes a partition visible through its parent."""
    return f"ALTER TABLE {parent} ATTACH PARTITION {partition(parent, cycle)} FOR VALUES IN ({cycle})"
