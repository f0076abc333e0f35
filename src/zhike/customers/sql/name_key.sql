-- What is left of an organisation's name when writing habits are taken away: width, case, blanks, punctuation and the
-- legal form at its end. Two accounts with the same key are probably the same organisation.
CREATE FUNCTION zhike_name_key(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(
    regexp_replace(lower(normalize(name, NFKC)), '[[:space:][:punct:]·•‧、，。（）《》“”‘’—]', '', 'g'),
    '(股份)?(有限)?(责任)?公司$', '')
$$;
