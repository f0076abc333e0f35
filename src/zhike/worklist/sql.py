"""SQL by which many items are pushed at once. Refuses to run any."""

from __future__ import annotations

INCOMING = "worklist_incoming"
COLUMNS = (
    "account_id", "rule", "episode", "kind", "level", "verb", "advice", "evidence", "stake_fen", "expected_fen",
    "due_on",
)  # fmt: skip

CREATE_INCOMING = f"""
CREATE TEMPORARY TABLE {INCOMING} (
    account_id bigint NOT NULL, rule text NOT NULL, episode text NOT NULL, kind text NOT NULL, level text NOT NULL,
    verb text NOT NULL, advice jsonb NOT NULL, evidence jsonb NOT NULL, stake_fen bigint NOT NULL,
    expected_fen bigint NOT NULL, due_on date NOT NULL
)
"""

COPY_INCOMING = f"COPY {INCOMING} ({', '.join(COLUMNS)}) FROM STDIN"

BOUNDS = f"""
SELECT account_id FROM (SELECT account_id, row_number() OVER (ORDER BY account_id) AS place FROM {INCOMING}) ordered
WHERE place %% %(rows)s = 0 GROUP BY account_id ORDER BY account_id
"""
"""The last accounts of pieces of about ``rows`` rows each."""

_FIGURES = ("kind", "level", "verb", "advice", "evidence", "stake_fen", "expected_fen")

_LEAD = """LEFT JOIN customers_teammembership t
    ON t.account_id = a.id AND t.duty = 'lead' AND t.valid_to IS NULL"""
_RANK = "coalesce(array_position(ARRAY['A1', 'A2', 'B1', 'B2', 'C', 'D'], a.tier::text), 9)"

UPSERT = f"""
INSERT INTO worklist_workitem AS w (
    source, account_id, rule, episode, kind, level, verb, advice, evidence, stake_fen, expected_fen, due_on,
    region_id, assignee_id, tier_rank, first_seen, state, until, reason
)
SELECT DISTINCT ON (i.account_id, i.rule, i.episode)
    %(source)s, i.account_id, i.rule, i.episode, i.kind, i.level, i.verb, i.advice, i.evidence, i.stake_fen,
    i.expected_fen, i.due_on, a.region_id, t.staff_id, {_RANK}, %(today)s, 'open', '0001-01-01', ''
FROM {INCOMING} i JOIN customers_account a ON a.id = i.account_id {_LEAD}
WHERE i.account_id > %(after)s AND i.account_id <= %(upto)s
ORDER BY i.account_id, i.rule, i.episode, i.expected_fen DESC
ON CONFLICT (source, account_id, rule, episode) DO UPDATE SET
    {", ".join(f"{name} = EXCLUDED.{name}" for name in _FIGURES)},
    due_on = CASE WHEN w.state = 'over' THEN EXCLUDED.due_on ELSE least(w.due_on, EXCLUDED.due_on) END,
    region_id = EXCLUDED.region_id, assignee_id = EXCLUDED.assignee_id, tier_rank = EXCLUDED.tier_rank,
    state = CASE WHEN w.state = 'over' THEN 'open' ELSE w.state END,
    reason = CASE WHEN w.state = 'over' THEN '' ELSE w.reason END,
    decided_at = CASE WHEN w.state = 'over' THEN NULL ELSE w.decided_at END
WHERE w.state IN ('open', 'postponed', 'over') AND (
    w.state = 'over'
    OR ({", ".join(f"w.{name}" for name in _FIGURES)}, w.region_id, w.assignee_id, w.tier_rank)
        IS DISTINCT FROM
        ({", ".join(f"EXCLUDED.{name}" for name in _FIGURES)}, EXCLUDED.region_id, EXCLUDED.assignee_id,
        EXCLUDED.tier_rank)
    OR EXCLUDED.due_on < w.due_on
)
RETURNING (xmax = 0) AS is_new
"""
"""New keys become items; live ones get the latest figures, and what was over but came back is open again. What people
have decided stays as it was, with the figures that they saw. Parameters: ``source``, ``today``, and the accounts of
this piece, ``after`` … ``upto``."""


def close_missing(*, only_accounts: bool) -> str:
    """Return the UPDATE that ends the source's live items that were not pushed again.

    Parameters of the statement: ``source``, ``reason``, the accounts of this piece ``after`` … ``upto``, and with
    `only_accounts` ``ids`` (nobody else's are touched).
    """
    here = "AND w.account_id = ANY(%(ids)s)" if only_accounts else ""
    return f"""
UPDATE worklist_workitem w SET state = 'over', until = '0001-01-01', reason = %(reason)s, decided_at = now(),
    decided_by_id = NULL
WHERE w.source = %(source)s AND w.state IN ('open', 'postponed')
    AND w.account_id > %(after)s AND w.account_id <= %(upto)s {here} AND NOT EXISTS (
    SELECT 1 FROM {INCOMING} i
    WHERE i.account_id = w.account_id AND i.rule = w.rule AND i.episode = w.episode
)
"""


def follow_accounts(*, only: bool) -> str:
    """Return the UPDATE by which items follow their accounts to another region, manager or tier."""
    here = "AND a.id = ANY(%(ids)s)" if only else ""
    return f"""
UPDATE worklist_workitem w SET region_id = a.region_id, assignee_id = t.staff_id, tier_rank = {_RANK}
FROM customers_account a {_LEAD}
WHERE a.id = w.account_id {here}
    AND (w.region_id, w.assignee_id, w.tier_rank) IS DISTINCT FROM (a.region_id, t.staff_id, {_RANK})
"""


AUDIT = """
CREATE TRIGGER audit_change AFTER UPDATE ON worklist_workitem FOR EACH ROW
    WHEN ((OLD.state, OLD.until, OLD.reason, OLD.decided_by_id)
        IS DISTINCT FROM (NEW.state, NEW.until, NEW.reason, NEW.decided_by_id)
        AND (OLD.decided_by_id IS NOT NULL OR NEW.decided_by_id IS NOT NULL))
    EXECUTE FUNCTION zhike_audit();
CREATE TRIGGER audit_delete AFTER DELETE ON worklist_workitem FOR EACH ROW EXECUTE FUNCTION zhike_audit();
"""
"""What people decide is audited row by row. What a push brings or ends is written down once, as a run with its counts:
hundreds of thousands of rows a night would bury what an auditor looks for."""
