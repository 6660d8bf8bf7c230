-- Content keys of texts are destroyed like those of tickets, when nothing is sealed under them any more (45 CFR 164.310(d)(2)).
CREATE OR REPLACE FUNCTION wardroom.destroy_unused_keys(p_before_month text) RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  UPDATE wardroom.content_keys k SET wrapped = NULL, wrapped_by = NULL, destroyed_at = now()
    WHERE k.class IN ('ticket', 'text') AND k.month < p_before_month AND k.wrapped IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM wardroom.tickets WHERE text_key_id = k.key_id::text)
      AND NOT EXISTS (SELECT 1 FROM wardroom.messages WHERE words_key_id = k.key_id::text)
      AND NOT EXISTS (SELECT 1 FROM wardroom.reports WHERE text_key_id = k.key_id::text)
      AND NOT EXISTS (SELECT 1 FROM wardroom.wctp_tickets WHERE choices_key_id = k.key_id::text)
      AND NOT EXISTS (SELECT 1 FROM wardroom.wctp_responses WHERE text_key_id = k.key_id::text)
      AND NOT EXISTS (SELECT 1 FROM wardroom.texts WHERE body_key_id = k.key_id::text)
      AND NOT EXISTS (SELECT 1 FROM wardroom.text_posts WHERE key_id = k.key_id::text)
      AND NOT EXISTS (SELECT 1 FROM wardroom.text_parts WHERE key_id = k.key_id::text)
    RETURNING k.key_id
$$;
