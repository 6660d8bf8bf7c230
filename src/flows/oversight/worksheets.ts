import { createHash } from 'node:crypto';
import { type Clock, isoInstant } from '../../kernel/clock.ts';
import type { RoomId } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import {
  dayAt,
  type Happened,
  type Incident,
  type IncidentEvent,
  incidentName,
  lastDay,
  notifications,
  type Policy,
  type RoomReaders,
} from '../../policy/index.ts';
import type { Decided, GivenCommand } from '../commandsPort.ts';
import { refused } from '../decided.ts';
import type { AttachmentsPort, KeptIncident } from '../incidentsPort.ts';
import type { Reads, Store, Tx } from '../ports.ts';
import { fold, shownIncident } from './incidents.ts';

export interface WorksheetsFlow {
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: () => Policy | null;
  readonly readers: (room: RoomId, range: Happened | null) => Promise<RoomReaders>;
  /** What a room is called; null: it is not kept. */
  readonly roomName: (room: RoomId) => string | null;
  readonly attachments: AttachmentsPort;
  /** Writes the document that is exported. */
  readonly print: (worksheet: Worksheet) => Promise<Phi<Uint8Array>>;
}

/** Something that was written down, with its words. */
export interface WorksheetEntry {
  readonly at: number;
  readonly by: string;
  readonly event: IncidentEvent;
  readonly text: string | null;
}

/** All that is known of an incident, ready to be read. */
export interface Worksheet {
  readonly name: string;
  readonly timeZone: string;
  readonly incident: Incident;
  readonly lastDay: string;
  readonly entries: readonly WorksheetEntry[];
  readonly rooms: readonly (RoomReaders & { readonly name: string | null })[];
  readonly notifications: ReturnType<typeof notifications>;
  /** Of everything written about it, in order: SHA-256, hex. It stands on each page, and in the audit log. */
  readonly digest: string;
  readonly printedAt: number;
  readonly printedBy: string;
}

/** So many readers of a room, and lines of what happened, are shown; the export has all. */
const SHOWN_READERS = 40;

/** Shows the worksheet of an incident, and exports it as a document that goes encrypted to the officers (45 CFR 164.414, 164.530(j)). */
export class Worksheets {
  readonly #flow: WorksheetsFlow;

  constructor(flow: WorksheetsFlow) {
    this.#flow = flow;
  }

  async show(tx: Tx, given: GivenCommand, id: number): Promise<Decided> {
    const policy = this.#flow.policy();
    if (policy === null) return refused('policy-unreadable');
    const kept = await tx.incidents.one(id);
    if (kept === null) return refused('no-such-incident');
    const sheet = await this.#sheet(tx, kept, policy, given.sender);
    const data = {
      ...shownIncident(sheet.incident, this.#flow.clock.now(), policy.time_zone),
      readers: sheet.rooms.map(({ room, name, readers, servers, laterToo }) => ({
        room_id: room,
        name,
        people: readers.slice(0, SHOWN_READERS).map(({ user, isMember, devices }) => ({
          user_id: user,
          member: isMember,
          devices: devices.length,
        })),
        more_people: Math.max(0, readers.length - SHOWN_READERS),
        servers,
        later_too: laterToo,
      })),
      notifications: sheet.notifications,
      entries: sheet.entries.map(({ at, by, event }, index) => ({
        number: index,
        at: isoInstant(at),
        by,
        ...told(event),
      })),
    };
    const texts = sheet.entries.flatMap(({ text }, index) => (text === null ? [] : [[String(index), text] as const]));
    return {
      outcome: 'ok',
      code: 'shown',
      data,
      words: new Phi(Object.fromEntries(texts)),
      audit: [],
      about: { incident: incidentName(id) },
    };
  }

  /** Written and sent by `finishExport`. */
  async export(tx: Tx, id: number): Promise<Decided> {
    if (this.#flow.policy() === null) return refused('policy-unreadable');
    if ((await tx.incidents.one(id)) === null) return refused('no-such-incident');
    const data = { incident: incidentName(id) };
    return { outcome: 'running', code: 'printing', data, audit: [], about: data };
  }

  /**
   * Prints, encrypts, uploads, posts. What was uploaded is kept before it is posted: after a death in between the same message is posted under the
   * same id, and the officers get it once.
   */
  async finishExport(data: Decided['data'], given: GivenCommand): Promise<Decided> {
    const { store, clock, attachments } = this.#flow;
    const name = String(data.incident);
    const id = Number(name.replace('INC-', ''));
    const prepared = (await store.read.incidents.exported(given.event)) ?? (await this.#prepare(id, given));
    if ('outcome' in prepared) return prepared;
    const posted = await attachments.post(`wr.incident.export.${given.event}`, prepared.content);
    if (!posted.ok) return failed(posted.error.code, name);
    const { digest } = prepared.content.reveal()['org.wardroom.worksheet'] as Record<string, unknown>;
    const now = clock.now();
    await store.change(async (tx) => {
      await tx.lock(`incident:${id}`);
      // After a death the message is posted again, under the same id; what is on record stands.
      if (!(await tx.incidents.savePosted(given.event, posted.value))) return null;
      await tx.incidents.append(id, { type: 'exported', by: given.sender, at: now, digest: String(digest) }, null);
      const detail = { incident: name, digest, mxc: prepared.mxc };
      const audit = {
        action: 'incident.exported',
        outcome: 'ok',
        actor: given.sender,
        event: posted.value,
        detail,
      } as const;
      return { value: null, audit: [audit] };
    });
    return {
      outcome: 'ok',
      code: 'exported',
      data: { incident: name, event_id: posted.value, digest },
      audit: [],
      about: { incident: name },
    };
  }

  async #prepare(id: number, given: GivenCommand) {
    const { store, clock, attachments, print } = this.#flow;
    const policy = this.#flow.policy();
    const kept = await store.read.incidents.one(id);
    if (policy === null || kept === null) return failed('policy-unreadable', incidentName(id));
    const sheet = await this.#sheet(store.read, kept, policy, given.sender);
    const document = await print(sheet);
    const name = `${sheet.name}-${dayAt(clock.now(), policy.time_zone)}.pdf`;
    const uploaded = await attachments.upload(name, 'application/pdf', document);
    if (!uploaded.ok) return failed(uploaded.error.code, sheet.name);
    const digest = createHash('sha256').update(document.reveal()).digest('hex');
    const content = new Phi({
      ...uploaded.value.content.reveal(),
      'org.wardroom.worksheet': { incident: sheet.name, digest },
    });
    const prepared = { incident: id, mxc: uploaded.value.mxc, content };
    await store.change(async (tx) => {
      await tx.incidents.saveExport(given.event, prepared, clock.now());
      const detail = { incident: sheet.name, digest, record: sheet.digest, mxc: prepared.mxc };
      return { value: null, audit: [{ action: 'incident.printed', outcome: 'ok', actor: given.sender, detail }] };
    });
    return prepared;
  }

  async #sheet(read: Pick<Reads, 'incidents'>, kept: KeptIncident, policy: Policy, by: string): Promise<Worksheet> {
    const { clock, readers, roomName } = this.#flow;
    const incident = fold(kept);
    const texts = await read.incidents.texts(kept.id);
    const entries = kept.events.map(({ number, event }) => ({
      at: event.at,
      by: event.by,
      event,
      text: texts.get(number)?.reveal() ?? null,
    }));
    const rooms = await Promise.all(
      incident.rooms.map(async (room) => ({ ...(await readers(room, incident.happened)), name: roomName(room) })),
    );
    return {
      name: incidentName(kept.id),
      timeZone: policy.time_zone,
      incident,
      lastDay: lastDay(incident),
      entries,
      rooms,
      notifications: notifications(incident),
      digest: createHash('sha256').update(JSON.stringify(entries)).digest('hex'),
      printedAt: clock.now(),
      printedBy: by,
    };
  }
}

/** Of an event, what an answer says of it. */
function told(event: IncidentEvent): Readonly<Record<string, unknown>> {
  const { at: _, by: __, ...rest } = event;
  return rest;
}

const failed = (code: string, incident: string): Decided => ({
  outcome: 'failed',
  code,
  data: { incident },
  audit: [],
});
