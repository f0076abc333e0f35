"""SQL of the room's tables: the log that only grows, who may not call back, numbers, audit, search. Runs nothing."""

from __future__ import annotations

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
    "SELECT 'TS-' || to_char(%s::date, 'YYYYMMDD') || '-' || CASE WHEN n < 10000 THEN lpad(n::text, 4, '0')"
    " ELSE n::text END FROM nextval(%s::regclass) n"
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
