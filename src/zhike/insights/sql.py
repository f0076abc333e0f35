"""SQL of the published tables: their shape, their partitions, the one query that fills a summary. Refuses to run any.

The parents carry no indexes: each partition is filled bare and indexed after (three times as fast), then attached.
"""

from __future__ import annotations

from zhike.customers.provenance import set_by_hand
from zhike.customers.rules import PARTS

SUMMARY, SERIES = "insights_accountsummary", "insights_accountseries"
PARENTS = (SUMMARY, SERIES)

GRAMS = """
CREATE FUNCTION zhike_grams(name text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT gram), '{}') FROM (
        SELECT substr(name, place, length) AS gram
        FROM generate_series(1, char_length(name)) AS place, generate_series(1, 2) AS length
        WHERE place + length - 1 <= char_length(name)
    ) AS every WHERE gram !~ '\\s'
$$
"""

SUMMARY_TABLE = f"""
CREATE TABLE {SUMMARY} (
    publication_id bigint NOT NULL,
    account_id bigint NOT NULL,
    region_id bigint NOT NULL,
    lead_id bigint,
    code varchar(40) COLLATE "C" NOT NULL,
    name varchar(160) NOT NULL,
    names text NOT NULL,
    pinyin_key varchar(200) COLLATE "C" NOT NULL,
    industry varchar(60) NOT NULL,
    ownership varchar(20) NOT NULL,
    size varchar(20) NOT NULL,
    lifecycle varchar(20) NOT NULL,
    tier varchar(4) NOT NULL,
    tier_rank smallint NOT NULL,
    service_level varchar(20) NOT NULL,
    credit_rating varchar(4) NOT NULL,
    employees bigint NOT NULL,
    billed_fen bigint NOT NULL,
    change_permille integer NOT NULL,
    margin_permille integer NOT NULL,
    ends_on date NOT NULL,
    visited_on date NOT NULL,
    overdue_fen bigint NOT NULL,
    ours_fen bigint NOT NULL,
    theirs_fen bigint NOT NULL,
    share_permille integer NOT NULL,
    completeness smallint NOT NULL,
    complaints integer NOT NULL,
    decider_unknown boolean NOT NULL
) PARTITION BY LIST (publication_id)
"""

SERIES_TABLE = f"""
CREATE TABLE {SERIES} (
    publication_id bigint NOT NULL,
    account_id bigint NOT NULL,
    billed_fen bigint[] NOT NULL,
    cost_fen bigint[] NOT NULL,
    paid_fen bigint[] NOT NULL,
    voice_seconds bigint[] NOT NULL,
    events bigint[] NOT NULL,
    megabytes bigint[] NOT NULL,
    overdue_fen bigint
) PARTITION BY LIST (publication_id)
"""

SORT_KEYS = (
    "pinyin_key", "tier_rank", "billed_fen", "change_permille", "margin_permille", "ends_on", "visited_on",
    "overdue_fen", "value", "stake_fen",
)  # fmt: skip
"""The columns that lists of any length sort by: each is indexed alone, after region and after tier."""


def partition(parent: str, number: int) -> str:
    """Return the name of a parent's partition: of a publication, or of a cycle."""
    return f"{parent}_p{number}"


def create_partition(parent: str, publication: int) -> str:
    """Return SQL for a bare table of the parent's shape; the check lets it be attached without a scan."""
    return bare_partition(parent, "publication_id", publication)


def bare_partition(parent: str, key: str, number: int) -> str:
    """Return SQL for a bare table of a parent's shape whose column `key` is `number` in every row."""
    table = partition(parent, number)
    return (
        f"CREATE TABLE {table} (LIKE {parent}, CONSTRAINT of_{key}_{number} CHECK ({key} = {number}));"
        f" ALTER TABLE {table} ALTER {key} SET DEFAULT {number}"
    )


def index_partition(parent: str, publication: int) -> list[str]:
    """Return SQL for the indexes of a filled partition."""
    table = partition(parent, publication)
    statements = [f"ALTER TABLE {table} ADD PRIMARY KEY (account_id)"]
    if parent == SUMMARY:
        shapes: list[tuple[str, ...]] = [(key,) for key in SORT_KEYS]
        shapes += [("region_id", key) for key in SORT_KEYS]
        shapes += [("tier_rank", key) for key in SORT_KEYS if key != "tier_rank"]
        shapes += [("code",), ("lead_id",), ("lifecycle", "billed_fen")]
        statements += [f"CREATE INDEX ON {table} ({', '.join(shape)}, account_id)" for shape in shapes]
        statements.append(f"CREATE INDEX ON {table} USING gin (zhike_grams(names)) WITH (fastupdate = off)")
    return [*statements, f"ANALYZE {table}"]


def attach_partition(parent: str, publication: int) -> str:
    """Return SQL that makes a partition visible through its parent."""
    return f"ALTER TABLE {parent} ATTACH PARTITION {partition(parent, publication)} FOR VALUES IN ({publication})"


_KNOWN = {
    "network_situation": "a.network_situation <> ''",
    "has_site": "site.account_id IS NOT NULL",
    "innovation_goals": "a.innovation_goals <> ''",
    "has_subscription": "ours.account_id IS NOT NULL",
    "has_competitor_fact": "theirs.account_id IS NOT NULL",
    "decision_process": "a.decision_process <> ''",
    "has_decider": "coalesce(people.decides, false)",
    "decider_has_tie": "coalesce(people.tied, false)",
    "latent_needs": "a.latent_needs <> ''",
    "background": "a.background <> ''",
    "industry": "a.industry <> ''",
    "ownership": "a.ownership <> ''",
    "size": "a.size <> ''",
    "employees": "a.employees IS NOT NULL",
    "credit_code": "a.credit_code <> ''",
}
"""How each fact that completeness asks for is read off the archive; the rule itself is in `customers.rules`."""


def completeness_sql(weights: dict[str, int]) -> str:
    """Return the SQL of the weighted share that is known, in whole percent, as `customers.rules` computes it."""
    whole = sum(weights.values())
    if not whole:
        return "0"
    terms = [
        f"{weights[key]} * ({' + '.join(f'({_KNOWN[part]})::int' for part in parts)})::numeric / {len(parts)}"
        for key, parts in PARTS.items()
    ]
    return f"floor(({' + '.join(terms)}) * 100 / {whole} + 0.000000001)::smallint"


TIER_RANK = "coalesce(array_position(ARRAY['A1', 'A2', 'B1', 'B2', 'C', 'D'], {tier}::text), 9)"
HAND_SET = set_by_hand("a", "tier")
"""Whether a person set the tier of account `a`: no cycle overrides that."""


def decided(column: str) -> str:
    """Return what a column of account `a` becomes by its scores `sc`: by hand, or not decided, it stays."""
    stays = f"sc.account_id IS NULL OR sc.tier_reason = 'unknown' OR {HAND_SET}"
    return f"CASE WHEN {stays} THEN a.{column} ELSE sc.{column} END"


def fill_summary(
    publication: int,
    *,
    only: bool,
    weights: dict[str, int],
    months: int,
    bills_loaded: bool,
    cycle: int | None = None,
    deciding: bool = False,
) -> str:
    """Return the INSERT that fills a summary partition from the archive, the partition of series and those of a cycle.

    With `deciding` the tiers are those that the cycle is about to give, not those of the archive. Parameters of the
    statement: ``today`` and ``month_end`` (dates), and with `only` ``ids`` (account ids: nothing else is read).
    """
    here = "= ANY(%(ids)s)" if only else "IS NOT NULL"
    scores = f"SELECT * FROM insights_accountscore_p{cycle}" if cycle else "SELECT * FROM insights_accountscore LIMIT 0"
    alerts = f"insights_alert_p{cycle}" if cycle else "(SELECT * FROM insights_alert LIMIT 0) AS none"
    tier = decided("tier") if deciding else "a.tier"
    level = decided("service_level") if deciding else "a.service_level"
    last, before = months, months - 12
    nothing = "0" if bills_loaded else "-9223372036854775808"
    # Lists begin with the largest and are narrowed from there: neighbours in that order lie together on disk.
    order = "" if only else f"ORDER BY coalesce(s.billed_fen[{last}], {nothing}) DESC, a.id DESC"
    return f"""
INSERT INTO {partition(SUMMARY, publication)} (
    publication_id, account_id, region_id, lead_id, code, name, names, pinyin_key, industry, ownership, size, lifecycle,
    tier, tier_rank, service_level, credit_rating, employees, billed_fen, change_permille, margin_permille, ends_on,
    visited_on, overdue_fen, ours_fen, theirs_fen, share_permille, completeness, complaints, decider_unknown,
    value, loyalty, lock_in, quadrant, alert_level, alert_count, stake_fen, previous_tier, moved
)
WITH lead AS (
    SELECT account_id, staff_id FROM customers_teammembership
    WHERE duty = 'lead' AND valid_to IS NULL AND account_id {here}
), ending AS (
    SELECT account_id, min(ends_on) AS ends_on FROM customers_contract
    WHERE ends_on >= %(today)s AND account_id {here} GROUP BY 1
), ours AS (
    SELECT account_id, sum(coalesce(monthly_fee_fen, 0))::bigint AS fen FROM customers_subscription
    WHERE status <> 'ended' AND account_id {here} GROUP BY 1
), theirs AS (
    SELECT account_id, sum(coalesce(monthly_fee_fen, 0))::bigint AS fen FROM customers_competitorholding
    WHERE account_id {here} GROUP BY 1
), site AS (
    SELECT DISTINCT account_id FROM customers_site WHERE account_id {here}
), people AS (
    SELECT account_id, bool_or(decision_role = 'decides') AS decides,
        bool_or(decision_role = 'decides' AND tie_strength > 0) AS tied
    FROM customers_contact WHERE account_id {here} GROUP BY 1
), event AS (
    SELECT account_id, (max(at) FILTER (WHERE "table" = 'visits') AT TIME ZONE 'Asia/Shanghai')::date AS visited_on,
        count(*) FILTER (WHERE "table" = 'complaints' AND at >= %(today)s::date - 365) AS complaints
    FROM facts_importedevent WHERE "table" IN ('visits', 'complaints') AND account_id {here} GROUP BY 1
), alert AS (
    SELECT account_id, max(CASE level WHEN 'red' THEN 2 ELSE 1 END) AS level, count(*) AS count,
        max(coalesce(stake_fen, 0)) AS stake_fen
    FROM {alerts} WHERE account_id {here} GROUP BY 1
), before AS (
    SELECT account_id, tier FROM insights_accounttier
    WHERE valid_from <= %(month_end)s AND (valid_to IS NULL OR valid_to > %(month_end)s) AND account_id {here}
)
SELECT {publication}, a.id, a.region_id, lead.staff_id, a.code, a.name,
    lower(normalize(a.name || ' ' || a.short_name, NFKC)), a.pinyin_key, a.industry, a.ownership, a.size, a.lifecycle,
    now.tier, {TIER_RANK.format(tier="now.tier")}, now.service_level, a.credit_rating, coalesce(a.employees, -1),
    coalesce(s.billed_fen[{last}], {nothing}),
    CASE WHEN s.billed_fen[{before}] > 0 AND s.billed_fen[{last}] IS NOT NULL THEN least(greatest(
        round((s.billed_fen[{last}] - s.billed_fen[{before}])::numeric * 1000 / s.billed_fen[{before}]),
        -2147483647), 2147483647)::int ELSE -2147483648 END,
    CASE WHEN s.billed_fen[{last}] > 0 AND s.cost_fen[{last}] IS NOT NULL THEN least(greatest(
        round((s.billed_fen[{last}] - s.cost_fen[{last}])::numeric * 1000 / s.billed_fen[{last}]),
        -2147483647), 2147483647)::int ELSE -2147483648 END,
    coalesce(ending.ends_on, '9999-12-31'), coalesce(event.visited_on, '0001-01-01'),
    coalesce(s.overdue_fen, 0), coalesce(ours.fen, 0), coalesce(theirs.fen, 0),
    CASE WHEN coalesce(ours.fen, 0) + coalesce(theirs.fen, 0) > 0 THEN
        (coalesce(ours.fen, 0)::numeric * 1000 / (coalesce(ours.fen, 0) + coalesce(theirs.fen, 0)))::int
        ELSE -2147483648 END,
    {completeness_sql(weights)}, coalesce(event.complaints, 0), NOT coalesce(people.tied, false),
    coalesce(sc.value, -1), coalesce(sc.loyalty, -1), coalesce(sc.lock_in, -1), coalesce(sc.quadrant, ''),
    coalesce(alert.level, 0), least(coalesce(alert.count, 0), 32767), coalesce(alert.stake_fen, 0),
    coalesce(before.tier, ''), {_moved("now.tier", "coalesce(before.tier, '')") if cycle else "''"}
FROM customers_account a
LEFT JOIN lead ON lead.account_id = a.id
LEFT JOIN ending ON ending.account_id = a.id
LEFT JOIN ours ON ours.account_id = a.id
LEFT JOIN theirs ON theirs.account_id = a.id
LEFT JOIN site ON site.account_id = a.id
LEFT JOIN people ON people.account_id = a.id
LEFT JOIN event ON event.account_id = a.id
LEFT JOIN {partition(SERIES, publication)} s ON s.account_id = a.id
LEFT JOIN ({scores}) sc ON sc.account_id = a.id
LEFT JOIN alert ON alert.account_id = a.id
LEFT JOIN before ON before.account_id = a.id
CROSS JOIN LATERAL (SELECT {tier} AS tier, {level} AS service_level) now
WHERE a.id {here}
{order}
"""


def _moved(now: str, before: str) -> str:
    """Return the SQL of how a tier moved: first, up, down, same, ended; empty where there is and was none."""
    rank_now, rank_before = TIER_RANK.format(tier=now), TIER_RANK.format(tier=before)
    return (
        f"CASE WHEN {now} = '' AND {before} = '' THEN '' WHEN {now} = '' THEN 'ended' WHEN {before} = '' THEN 'first'"
        f" WHEN {rank_now} < {rank_before} THEN 'up' WHEN {rank_now} > {rank_before} THEN 'down' ELSE 'same' END"
    )
