type Json = Readonly<Record<string, unknown>>;

/** What a message may name in one place: a file, its thumbnail; in an edit, both again. */
const LONGEST_URI = 500;

/**
 * The files that a message names (Matrix specification, "Sending encrypted attachments": `file.url`; `url` where they are not encrypted), as
 * `mxc://` URIs. Homeservers do not know which files belong to which encrypted room: who deletes a message has to know them itself.
 */
export function mediaOf(content: Json): readonly string[] {
  const edited = asObject(content['m.new_content']);
  const found = [content, edited].flatMap((one) => {
    const info = asObject(one.info);
    return [one.url, asObject(one.file).url, info.thumbnail_url, asObject(info.thumbnail_file).url];
  });
  const uris = found.filter((uri): uri is string => typeof uri === 'string' && isMediaUri(uri));
  return [...new Set(uris)];
}

const isMediaUri = (uri: string): boolean => uri.length <= LONGEST_URI && /^mxc:\/\/[^/\s]+\/[A-Za-z0-9_-]+$/.test(uri);

const asObject = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
