-- One trigger writes every change of an audited row. Who and why come from the transaction's settings
-- (core.audit.audited sets them); a change without them is recorded as made by "unknown".
CREATE FUNCTION zhike_changed(old_row jsonb, new_row jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_object_agg(o.key, o.value)
  FROM jsonb_each(old_row) o
  WHERE o.key NOT IN ('updated_at', 'provenance') AND o.value IS DISTINCT FROM new_row -> o.key
$$;

CREATE FUNCTION zhike_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  kept jsonb := coalesce(new_row, old_row);
  before_part jsonb;
  after_part jsonb;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    before_part := zhike_changed(old_row, new_row);
    IF before_part IS NULL THEN RETURN NULL; END IF;
    after_part := zhike_changed(new_row, old_row);
  ELSE
    before_part := old_row;
    after_part := new_row;
  END IF;
  INSERT INTO core_auditentry (at, actor_id, actor_name, action, reason, table_name, row_id, account_id, operation,
                               before, after)
  VALUES (
    clock_timestamp(),
    nullif(current_setting('zhike.actor_id', true), '')::bigint,
    coalesce(nullif(current_setting('zhike.actor_name', true), ''), 'unknown'),
    coalesce(nullif(current_setting('zhike.action', true), ''), 'unknown'),
    coalesce(current_setting('zhike.reason', true), ''),
    TG_TABLE_NAME,
    (kept ->> 'id')::bigint,
    CASE WHEN TG_TABLE_NAME = 'customers_account' THEN (kept ->> 'id')::bigint
         ELSE (kept ->> 'account_id')::bigint END,
    left(TG_OP, 1),
    before_part,
    after_part
  );
  RETURN NULL;
END
$$;

CREATE FUNCTION zhike_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Attach the audit to a table. New rows are recorded only where the transaction asks for it: an import's new rows
-- cite the import instead of being written twice.
CREATE FUNCTION zhike_attach_audit(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER audit_change AFTER UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION zhike_audit()',
                 target);
  EXECUTE format('CREATE TRIGGER audit_insert AFTER INSERT ON %s FOR EACH ROW '
                 'WHEN (current_setting(''zhike.audit_inserts'', true) = ''on'') EXECUTE FUNCTION zhike_audit()',
                 target);
END
$$;
