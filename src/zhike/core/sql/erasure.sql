-- Erasure of a person (docs/adr/0006-erasure.md). The audit and the looks stay append-only but for one door: where the
-- erasure of a row is on record, the personal values of exactly that row may give way to a mark, and nothing else of an
-- entry may change. The record itself only grows, and it may name personal columns only.
CREATE FUNCTION zhike_attach_personal(target regclass, VARIADIC columns text[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO core_personalcolumn (table_name, column_name)
  SELECT relname, unnest(columns) FROM pg_class WHERE oid = target
  ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION zhike_erasure_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM jsonb_array_elements_text(NEW.columns) c WHERE NOT EXISTS (
       SELECT FROM core_personalcolumn p WHERE p.table_name = NEW.subject_table AND p.column_name = c)) THEN
    RAISE EXCEPTION 'an erasure of % names a column that is not personal', NEW.subject_table
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END
$$;

-- What an entry says once the personal values among `columns` are gone: that there was a value stays, which one does not.
CREATE FUNCTION zhike_erased(entry jsonb, columns jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(
    jsonb_object_agg(key, CASE WHEN columns ? key AND value NOT IN ('null'::jsonb, '""'::jsonb)
                               THEN '"[erased]"'::jsonb ELSE value END),
    entry)
  FROM jsonb_each(entry)
$$;

CREATE FUNCTION zhike_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'before' - 'after' = to_jsonb(OLD) - 'before' - 'after' AND EXISTS (
       SELECT FROM core_erasure e
       WHERE e.subject_table = OLD.table_name AND e.subject_id = OLD.row_id
         AND NEW.before IS NOT DISTINCT FROM zhike_erased(OLD.before, e.columns)
         AND NEW.after IS NOT DISTINCT FROM zhike_erased(OLD.after, e.columns)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE FUNCTION zhike_look_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.subject_name = '' AND to_jsonb(NEW) - 'subject_name' = to_jsonb(OLD) - 'subject_name'
     AND EXISTS (SELECT FROM core_erasure e
                 WHERE e.subject_table = OLD.subject_table AND e.subject_id = OLD.subject_id) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

DROP TRIGGER append_only ON core_auditentry;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON core_auditentry
  FOR EACH ROW EXECUTE FUNCTION zhike_audit_append_only();
DROP TRIGGER append_only ON core_look;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON core_look
  FOR EACH ROW EXECUTE FUNCTION zhike_look_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON core_erasure
  FOR EACH ROW EXECUTE FUNCTION zhike_append_only();
CREATE TRIGGER columns_are_personal BEFORE INSERT ON core_erasure
  FOR EACH ROW EXECUTE FUNCTION zhike_erasure_named();
