import type { CarrierName, CarrierTextId } from '../flows/texting/carrierPort.ts';
import type { PartsPort, TextPart } from '../flows/texting/partsPort.ts';
import { phoneNumber } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';
import type { Sealer } from './sealer.ts';
import { TEXT_CLASS } from './textTable.ts';

interface Kept {
  readonly from: string;
  readonly to: string;
  readonly reference: string | null;
  readonly total: number;
  /** Base64. */
  readonly content: string;
}

/** A carrier has no more than a few thousand at a time; what is older is somebody else's to look at. */
const MOST = 5_000;

/**
 * Parts of texts until the whole was taken (migration 030), one of the small doors beside `Store.change`: nothing happened yet that anybody could see,
 * and the text's own entry follows.
 */
export function createTextParts(db: Queryable, sealer: Sealer): PartsPort {
  const placeOf = (carrier: CarrierName, text: CarrierTextId, number: number) => `${carrier}:${text}:${number}`;
  return {
    async save({ carrier, text, from, to, reference, number, total, content, receivedAt }: TextPart) {
      const kept: Kept = { from, to, reference, total, content: Buffer.from(content.reveal()).toString('base64') };
      const plain = Buffer.from(JSON.stringify(kept), 'utf8');
      const sealed = await sealer.seal(
        db,
        `parts:${carrier}`,
        TEXT_CLASS,
        receivedAt,
        plain,
        placeOf(carrier, text, number),
      );
      await db.query(
        prepared(
          `INSERT INTO wardroom.text_parts (carrier, text_ref, part, at, key_id, nonce, ciphertext)
           VALUES ($1, $2, $3, to_timestamp($4::bigint / 1000.0), $5, $6::bytea, $7::bytea) ON CONFLICT DO NOTHING`,
          [carrier, text, number, receivedAt, sealed.keyId, sealed.nonce, sealed.ciphertext],
        ),
      );
    },

    async load(carrier) {
      const { rows } = await db.query<{
        text_ref: CarrierTextId;
        part: number;
        at: number;
        key_id: string;
        nonce: Buffer;
        ciphertext: Buffer;
      }>(prepared('SELECT * FROM wardroom.text_parts WHERE carrier = $1 ORDER BY at DESC LIMIT $2', [carrier, MOST]));
      return Promise.all(
        rows.map(async ({ text_ref: text, part: number, at, key_id: keyId, nonce, ciphertext }): Promise<TextPart> => {
          const opened = await sealer.open(db, { keyId, nonce, ciphertext }, placeOf(carrier, text, number));
          const { from, to, reference, total, content } = JSON.parse(opened.toString('utf8')) as Kept;
          return {
            carrier,
            text,
            from: phoneNumber(from),
            to: phoneNumber(to),
            reference,
            number,
            total,
            content: new Phi(new Uint8Array(Buffer.from(content, 'base64'))),
            receivedAt: at,
          };
        }),
      );
    },

    async forget(carrier, texts) {
      await db.query(
        prepared('DELETE FROM wardroom.text_parts WHERE carrier = $1 AND text_ref = ANY ($2::text[])', [
          carrier,
          texts,
        ]),
      );
    },
  };
}
