import { Phi } from '../../kernel/phi.ts';
import type { PortFailure, Result } from '../../kernel/result.ts';
import type { AuditEntry } from '../ports.ts';
import type { CarrierMedia } from './carrierPort.ts';
import { entryOf } from './sendTexts.ts';
import { lastFour, sayIn, type TextingFlow } from './textingFlow.ts';
import type { OpenText } from './textsPort.ts';

/** Larger ones stay with the carrier: people send them otherwise. */
const MOST_BYTES = 10 * 1024 * 1024;
const AT_ONCE = 10;
const RETRY_MS = 30_000;
/** Carriers do not keep them for ever. */
const GIVE_UP_MS = 24 * 3_600_000;

/** What telephones send, with how such a file begins and what it is called here; anything else is not brought into a room. */
const KINDS: readonly { readonly type: string; readonly ending: string; readonly begins: RegExp }[] = [
  { type: 'image/jpeg', ending: 'jpg', begins: /^\xff\xd8\xff/ },
  { type: 'image/png', ending: 'png', begins: /^\x89PNG\r\n\x1a\n/ },
  { type: 'image/gif', ending: 'gif', begins: /^GIF8[79]a/ },
  { type: 'image/webp', ending: 'webp', begins: /^RIFF[\s\S]{4}WEBP/ },
  { type: 'image/heic', ending: 'heic', begins: /^[\s\S]{4}ftyp(?:heic|heix|mif1|msf1)/ },
  { type: 'video/mp4', ending: 'mp4', begins: /^[\s\S]{4}ftyp(?:isom|iso2|mp41|mp42|M4V |avc1)/ },
  { type: 'video/3gpp', ending: '3gp', begins: /^[\s\S]{4}ftyp3g/ },
  { type: 'audio/amr', ending: 'amr', begins: /^#!AMR/ },
  { type: 'audio/mpeg', ending: 'mp3', begins: /^(?:ID3|\xff[\xe2-\xfb])/ },
  { type: 'application/pdf', ending: 'pdf', begins: /^%PDF-/ },
];

/** What a file is by its first bytes: what its sender calls it is no proof. Null: nothing that is brought into a room. */
export function kindOf(bytes: Uint8Array): { readonly type: string; readonly ending: string } | null {
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  return KINDS.find(({ begins }) => begins.test(start)) ?? null;
}

export interface TextFilesFlow extends TextingFlow {
  /** Encrypts a file, stores it at the homeserver and says what message opens it. */
  readonly upload: (
    name: string,
    type: string,
    file: Phi<Uint8Array>,
  ) => Promise<Result<{ readonly content: Phi<Record<string, unknown>> }, PortFailure>>;
}

/** Files that came with texts: fetched from the carrier after the text is safe, looked at, and brought encrypted into the room in which it is shown. */
export class TextFiles {
  readonly #flow: TextFilesFlow;

  constructor(flow: TextFilesFlow) {
    this.#flow = flow;
  }

  /** Whether there may be more. */
  async look(): Promise<boolean> {
    const { store, clock } = this.#flow;
    const waiting = await store.read.texts.received(clock.now(), AT_ONCE);
    for (const one of waiting) await this.#bring(one);
    return waiting.length === AT_ONCE;
  }

  async #bring(open: OpenText): Promise<void> {
    const { store, clock } = this.#flow;
    const { text, number, content } = open;
    const files: (Phi<Record<string, unknown>> | null)[] = [];
    for (const [index, media] of (content?.reveal().media ?? []).entries()) {
      const file = await this.#fetch(open, media, index + 1);
      if (file === 'later') return this.#later(open);
      files.push(file);
    }
    await store.change(async (tx) => {
      const now = await tx.texts.forUpdate(text.id);
      if (now?.state !== 'received') return null;
      const place = { text: text.id, line: text.line, patient: now.patient };
      const at = clock.now();
      for (const [index, file] of files.entries())
        if (file !== null)
          await tx.texts.owe({ ...place, id: `${text.id}.file.${index}`, room: null, edits: null, at }, file);
      const lost = files.filter((file) => file === null).length;
      if (lost > 0)
        await sayIn(
          this.#flow,
          tx,
          { ...place, id: `${text.id}.files` },
          {
            body: `${lost === 1 ? 'A file' : `${lost} files`} from ${lastFour(number)} could not be brought here: too large, gone from the carrier, or of a kind that is not taken. Ask for it another way.`,
            mark: { text_id: text.id, direction: 'in', state: 'file-refused', purpose: text.purpose },
            isNotice: true,
          },
        );
      await tx.texts.save({ ...now, state: 'done' });
      if (now.purpose !== 'unknown') await tx.texts.forgetContent(text.id);
      const entry: AuditEntry = { ...entryOf(now, 'text.files'), outcome: lost > 0 ? 'failed' : 'ok' };
      return { value: null, audit: [entry] };
    });
  }

  /** The message that opens it; null: it is not taken. */
  async #fetch(
    { text }: OpenText,
    media: CarrierMedia,
    index: number,
  ): Promise<Phi<Record<string, unknown>> | null | 'later'> {
    const { carriers, clock, upload } = this.#flow;
    const isOld = clock.now() - text.at > GIVE_UP_MS;
    const fetched = await carriers
      .get(text.carrier)
      ?.fetchMedia(media, MOST_BYTES)
      .catch(() => 'later' as const);
    if (fetched === 'later') return isOld ? null : 'later';
    const kind = fetched ? kindOf(fetched.bytes) : null;
    if (!fetched || kind === null || fetched.bytes.length > MOST_BYTES) return null;
    const uploaded = await upload(`text-${index}.${kind.ending}`, kind.type, new Phi(fetched.bytes));
    if (!uploaded.ok) return isOld ? null : 'later';
    const mark = { text_id: text.id, direction: 'in', state: 'file', purpose: text.purpose };
    return new Phi({ ...uploaded.value.content.reveal(), 'org.wardroom.text': mark });
  }

  async #later({ text }: OpenText): Promise<void> {
    const { store, clock } = this.#flow;
    await store.change(async (tx) => {
      const now = await tx.texts.forUpdate(text.id);
      if (now?.state !== 'received') return null;
      await tx.texts.save({ ...now, attempts: now.attempts + 1, dueAt: clock.now() + RETRY_MS });
      return { value: null, audit: [{ ...entryOf(now, 'text.files_postponed'), outcome: 'failed' }] };
    });
  }
}
