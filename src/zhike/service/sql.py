"""SQL of the room's tables: the log that only grows, who may not call back, numbers, audit, search. Runs nothing."""

from __future__ import annotations

from collections.abc import Sequence

from zhike.core.audit import attach_sql
from zhike.core.erasure import attach_personal_sql

PERSONAL = attach_personal_sql("service_request", ("caller_name", "caller_phone", "caller_address"))

APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON service_requestevent
    FOR EACH ROW EXECUTE FUNCTION zhike_append_only();
"""

CALLER_BACK = """
CREATE FUNCTION zhike_caller_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM service_participation p WHERE p.request_id = NEW.request_id AND p.staff_id = NEW.staff_id
             AND p.part = 'handler') THEN
    RAISE EXCEPTION 'who has handled request % may not call back', NEW.request_id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER caller_back BEFORE INSERT ON service_participation
    FOR EACH ROW WHEN (NEW.part = 'caller_back') EXECUTE FUNCTION zhike_caller_back();
"""
"""The caller-back is never a handler: true of the rows always, whatever writes them."""

NUMBERS = 8
SEQUENCES = "".join(f"CREATE SEQUENCE service_number_{ring};\n" for ring in range(NUMBERS))
"""One sequence for each of eight days in turn: numbers are drawn without waiting for each other, and begin anew each
day because a nightly job sets tomorrow's back. Where it did not run they go on from eight days ago: longer, as unique.
"""

NEXT_NUMBER = (
    "SELECT 'TS-' || to_char(%(day)s::date, 'YYYYMMDD') || '-' || CASE WHEN n < 10000 THEN lpad(n::text, 4, '0')"
    " ELSE n::text END FROM nextval(%(sequence)s::regclass) n"
)

AUDIT = (
    attach_sql("service_department", "service_departmentmember", "service_qualitysample")
    + """
CREATE TRIGGER audit_change AFTER UPDATE ON service_request FOR EACH ROW
    WHEN ((OLD.title, OLD.text, OLD.caller_name, OLD.caller_phone, OLD.caller_address)
        IS DISTINCT FROM (NEW.title, NEW.text, NEW.caller_name, NEW.caller_phone, NEW.caller_address))
    EXECUTE FUNCTION zhike_audit();
CREATE TRIGGER audit_delete AFTER DELETE ON service_request FOR EACH ROW EXECUTE FUNCTION zhike_audit();
"""
)
"""What steps do stands in the log, with who and when; the audit keeps what no step tells: words and callers changed."""

SEARCH = "CREATE INDEX request_title_grams ON service_request USING gin (zhike_grams(title));\n"

_ROWS = {
    "service_requestevent": (
        "events",
        {
            "sequence": "integer", "kind": "text", "at": "timestamptz", "by_id": "bigint", "by_name": "text",
            "department_id": "bigint", "words": "text", "to_customer": "boolean", "data": "jsonb",
        },
    ),
    "service_leg": (
        "legs",
        {
            "ordinal": "smallint", "department_id": "bigint", "stage": "text", "began_at": "timestamptz",
            "offered_by_id": "bigint", "accepted_at": "timestamptz", "accepted_by_id": "bigint",
            "ended_at": "timestamptz", "ended_how": "text", "reason": "text",
        },
    ),
    "service_participation": (
        "parts",
        {
            "ordinal": "smallint", "staff_id": "bigint", "part": "text", "since": "timestamptz",
            "until": "timestamptz",
        },
    ),
}  # fmt: skip


def new_request(columns: Sequence[str]) -> str:
    """Return the one statement that writes a new request with its log, legs and parts.

    Parameters of the statement: ``day``, ``sequence``, each column by its name, and ``events``, ``legs``, ``parts`` as
    JSON arrays. No row comes back where the channel's message was taken in before.
    """
    named = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(f"%({name})s" for name in columns)
    rest = "".join(
        f", {given} AS (INSERT INTO {table} (request_id, {', '.join(kinds)}) SELECT r.id, v.* FROM r,"
        f" jsonb_to_recordset(%({given})s::jsonb) AS v ({', '.join(f'{name} {kind}' for name, kind in kinds.items())}))"
        for table, (given, kinds) in _ROWS.items()
    )
    return (
        f"WITH r AS (INSERT INTO service_request (number, {named}) VALUES (({NEXT_NUMBER}), {values})"
        " ON CONFLICT (channel, external_id) WHERE external_id <> '' DO NOTHING RETURNING id, number)"
        f"{rest} SELECT id, number FROM r"
    )
