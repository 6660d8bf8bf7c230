/**
 * The place of a message in its Megolm session (Megolm specification, "Message format": version 3, then the field 0x08 with the
 * index as a base-128 varint). Null when it is not such a message.
 */
export function messageIndex(ciphertext: string): number | null {
  const bytes = Buffer.from(ciphertext.slice(0, 24), 'base64');
  if (bytes[0] !== 3 || bytes[1] !== 0x08) return null;
  let index = 0;
  for (let place = 0; place < 5; place++) {
    const byte = bytes[2 + place];
    if (byte === undefined) return null;
    index += (byte & 0x7f) * 2 ** (7 * place);
    if (byte < 0x80) return index;
  }
  return null;
}
