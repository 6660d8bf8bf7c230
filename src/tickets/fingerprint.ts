import canonicalize from 'canonicalize';

/**
 * The text by which two tickets are compared: same id and same canonical text is the same ticket sent again, same id and another
 * text is a second one. The same means: the same JSON document, whatever the order of keys, white space and escapes (JCS, RFC 8785).
 * Expects the document of `readTicket`. Health information: the caller keeps only a keyed hash of it.
 */
export function canonicalText(document: Readonly<Record<string, unknown>>): string {
  return canonicalize(document) ?? '{}';
}
