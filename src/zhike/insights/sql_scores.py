"""SQL of the scores, alerts and tiers of cycles: their shape, their partitions, how tiers follow. Refuses to run any.

Scores and alerts are partitioned by cycle: each cycle fills bare tables, indexes them, attaches them with the swap.
"""

from __future__ import annotations

from zhike.insights.sql import TIER_RANK, bare_partition, partition

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


def follow_where_accounts_are(scores: str, alerts: str, *, only: bool = False) -> list[str]:
    """Return SQL that brings region and lead in a cycle's tables up to date with the archive.

    With `only` the statements take ``ids``: account ids, nothing else is looked at.
    """
    these = " AND s.account_id = ANY(%(ids)s)" if only else ""
    return [
        f"UPDATE {scores} s SET region_id = a.region_id, lead_id = a.staff_id"
        " FROM (SELECT a.id, a.region_id, l.staff_id FROM customers_account a"
        " LEFT JOIN customers_teammembership l ON l.account_id = a.id AND l.duty = 'lead'"
        " AND l.valid_to IS NULL) a WHERE a.id = s.account_id"
        f" AND (s.region_id, s.lead_id) IS DISTINCT FROM (a.region_id, a.staff_id){these}",
        f"UPDATE {alerts} s SET region_id = a.region_id FROM customers_account a"
        f" WHERE a.id = s.account_id AND a.region_id <> s.region_id{these}",
    ]


def tier_history(scores: str) -> list[str]:
    """Return SQL that writes the tiers of the archive into their history, where they differ from what it says.

    Parameters of the statements: ``as_of`` and ``cycle``. A cycle run again on its day corrects that day's rows.
    """
    changed = (
        "(h.tier, h.service_level, h.assurance_level) IS DISTINCT FROM (a.tier, a.service_level, a.assurance_level)"
    )
    now, before = TIER_RANK.format(tier="a.tier"), TIER_RANK.format(tier="last.tier")
    return [
        "DELETE FROM insights_accounttier h USING customers_account a"
        f" WHERE a.id = h.account_id AND h.valid_to IS NULL AND h.valid_from >= %(as_of)s AND {changed}",
        "UPDATE insights_accounttier h SET valid_to = NULL WHERE h.valid_to = %(as_of)s AND NOT EXISTS"
        " (SELECT FROM insights_accounttier o WHERE o.account_id = h.account_id AND o.valid_to IS NULL)",
        "UPDATE insights_accounttier h SET valid_to = %(as_of)s FROM customers_account a"
        f" WHERE a.id = h.account_id AND h.valid_to IS NULL AND {changed}",
        f"""
INSERT INTO insights_accounttier (account_id, tier, service_level, assurance_level, valid_from, previous_tier, moved,
    reason, because, value, value_before, bill_mean3_fen, cycle_id)
SELECT a.id, a.tier, a.service_level, a.assurance_level, %(as_of)s, coalesce(last.tier, ''),
    CASE WHEN last.tier IS NULL THEN 'first' WHEN {now} < {before} THEN 'up' WHEN {now} > {before} THEN 'down'
        ELSE 'same' END,
    CASE WHEN s.tier = a.tier THEN s.tier_reason WHEN s.tier_reason = 'unknown' THEN 'unknown' ELSE 'hand' END,
    s.moved_because, s.value, s.value - s.value_change, s.bill_mean3_fen, %(cycle)s
FROM customers_account a
JOIN {scores} s ON s.account_id = a.id
LEFT JOIN LATERAL (
    SELECT tier FROM insights_accounttier h WHERE h.account_id = a.id AND h.valid_to IS NOT NULL
    ORDER BY h.valid_from DESC LIMIT 1
) last ON true
WHERE a.tier <> '' AND NOT EXISTS (SELECT FROM insights_accounttier h WHERE h.account_id = a.id AND h.valid_to IS NULL)
""",
    ]
