/** Incidents, the watch of activity and its reviews on a real PostgreSQL; officers and the homeserver's files are in memory. */
import type { BotApi } from '../../src/bot/command.ts';
import { printWorksheet } from '../../src/documents/index.ts';
import type { CommandAnswer } from '../../src/flows/commandsPort.ts';
import type { DeviceTrust, OversightNotice } from '../../src/flows/incidentsPort.ts';
import { ActivityWatch } from '../../src/flows/oversight/activityWatch.ts';
import { DeviceWatch } from '../../src/flows/oversight/deviceWatch.ts';
import { Incidents } from '../../src/flows/oversight/incidents.ts';
import { Reviews } from '../../src/flows/oversight/reviews.ts';
import { whoCouldRead } from '../../src/flows/oversight/whoCouldRead.ts';
import { Worksheets } from '../../src/flows/oversight/worksheets.ts';
import type { AuditEntry, Store } from '../../src/flows/ports.ts';
import { eventId, type RoomId, roomId, type UserId } from '../../src/kernel/ids.ts';
import { Phi } from '../../src/kernel/phi.ts';
import { err, ok } from '../../src/kernel/result.ts';
import type { ObservedRoom } from '../../src/policy/index.ts';
import { createActivityRecord } from '../../src/postgres/activityRecord.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { ash, birch, installation, policyOf, storeOn } from './controlRig.ts';

export const unit = roomId('!unit:example');

export interface OversightBench {
  readonly bench: AuditBench;
  readonly store: PostgresStore;
  readonly clock: { at: number; now(): number };
  /** Entries of the audit log up to this one are from before. */
  before: number;
  /** Business time reads `at` from now on, and nothing is left of what was before. */
  begin(at: string): Promise<void>;
  /** What is in the log has its place. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** A database whose audit entries bear the business time of `clock`. */
export async function openOversight(): Promise<OversightBench> {
  const clock = { at: 0, now: () => clock.at };
  const bench = await openAuditBench({ clock });
  const sequencer = bench.sequencer();
  await sequencer.start();
  const here: OversightBench = {
    bench,
    store: storeOn(bench),
    clock,
    before: 0,
    async begin(at) {
      await sequencer.flush();
      clock.at = Date.parse(at);
      await bench.admin.query(
        `TRUNCATE wardroom.administrators, wardroom.command_answers, wardroom.confirmations, wardroom.role_events, wardroom.incidents,
           wardroom.incident_events, wardroom.incident_exports, wardroom.event_media, wardroom.activity_position, wardroom.activity_counts, wardroom.activity_facts,
           wardroom.sender_counts, wardroom.room_stays, wardroom.watched_devices, wardroom.activity_reviews, wardroom.review_events,
           wardroom.inbox_events CASCADE`,
      );
      // The log itself cannot be emptied; what is in it was read.
      const { rows } = await bench.admin.query<{ next: number; before: number }>(
        'SELECT coalesce(max(idx) + 1, 0) AS next, coalesce(max(entry_id), 0) AS before FROM wardroom.audit_leaves',
      );
      here.before = rows[0]!.before;
      await bench.admin.query(
        'INSERT INTO wardroom.activity_position (leaf, message, since) VALUES ($1, 0, to_timestamp($2::bigint / 1000.0))',
        [rows[0]!.next, clock.at],
      );
    },
    settle: () => sequencer.flush(),
    close: () => bench.close(),
  };
  return here;
}

export interface OversightWorld {
  readonly policy?: Record<string, unknown>;
  readonly store?: Store;
}

/** Two administrators whose identities are confirmed, and officers who hear what they are told. */
export async function oversightWard(here: OversightBench, world: OversightWorld = {}) {
  const { bench, clock } = here;
  const store = world.store ?? here.store;
  const policy = policyOf(world.policy);
  const told = new Map<string, OversightNotice>();
  /** Each time that something was said, by its id. */
  const said: string[] = [];
  const files = new Map<string, Uint8Array>();
  const posted = new Map<string, Record<string, unknown>>();
  const alarms: string[] = [];
  const state = {
    hears: true,
    posts: true,
    seen: null as ObservedRoom | null,
    devices: [] as readonly DeviceTrust[] | null,
    members: [ash, birch] as readonly UserId[],
  };
  const record = createActivityRecord(bench.pool, bench.content);
  const officers = {
    async tell(id: string, notice: OversightNotice) {
      if (!state.hears) return err({ kind: 'retry', code: 'homeserver-unreachable' } as const);
      told.set(id, notice);
      said.push(id);
      return ok(eventId(`$${id}`));
    },
  };
  const parts = {
    store,
    clock,
    policy: () => policy,
    officers,
    alarms: { raise: (code: string) => void alarms.push(code) },
  };
  const incidents = new Incidents(parts);
  const reviews = new Reviews({ ...parts, record, agreements: async () => policy.agreements });
  const worksheets = new Worksheets({
    ...parts,
    readers: (room, range) => whoCouldRead({ record, seen: () => state.seen }, room, range),
    roomName: (room) => (room === unit ? '4 West 2' : null),
    attachments: {
      async upload(name, _type, bytes) {
        const mxc = `mxc://example/${files.size}`;
        files.set(mxc, bytes.reveal());
        return ok({ mxc, content: new Phi({ msgtype: 'm.file', body: name, file: { url: mxc } }) });
      },
      async post(id, content) {
        if (!state.posts) return err({ kind: 'retry', code: 'homeserver-unreachable' } as const);
        posted.set(id, content.reveal());
        return ok(eventId(`$posted-${id}`));
      },
    },
    print: printWorksheet,
  });
  const watch = new ActivityWatch({
    record,
    clock,
    policy: () => policy,
    alarms: parts.alarms,
    openDraft: (draft) => incidents.openDraft(draft),
  });
  const devices = new DeviceWatch({
    store,
    clock,
    members: () => state.members,
    devices: async () => state.devices,
  });
  const rooms = {
    find: (typed: string): RoomId | null => (typed.toLowerCase() === '4 west 2' || typed === unit ? unit : null),
    names: () => ['4 West 2'],
  };
  const api = { incidents, reviews, worksheets, rooms } as unknown as Partial<BotApi>;
  const control = installation(store as PostgresStore, { api, clock });
  await control.confirm(birch, ash);
  await control.confirm(ash, birch);
  await here.settle();
  /** All that one look of the process that leads does. */
  const look = async () => {
    await here.settle();
    const isCaughtUp = await watch.look();
    await reviews.look(isCaughtUp);
    await incidents.look();
    await here.settle();
  };
  return {
    ...control,
    incidents,
    reviews,
    worksheets,
    watch,
    devices,
    record,
    policy,
    told,
    said,
    parts,
    files,
    posted,
    answers: control.posted,
    alarmed: alarms,
    world: state,
    look,
  };
}

/** Somebody did something: an entry of the audit log at the business time of now. */
export const happened = async ({ bench }: OversightBench, ...entries: readonly AuditEntry[]): Promise<void> => {
  for (const entry of entries) await bench.change([entry]);
};

/** Actions of these entries since the beginning, in order. */
export const audited = async ({ bench, before }: OversightBench, like: string): Promise<readonly string[]> =>
  (
    await bench.pool.query<{ action: string }>(
      `SELECT body->>'action' AS action FROM wardroom.audit_entries WHERE body->>'action' LIKE $1 AND entry_id > $2 ORDER BY entry_id`,
      [like, before],
    )
  ).rows.map(({ action }) => action);

/** Rows under a name in the data of an answer. */
export function rowsIn(answer: CommandAnswer | undefined, name: string): readonly Readonly<Record<string, unknown>>[] {
  const rows = answer?.data[name];
  if (!Array.isArray(rows)) throw new Error(`no ${name} in ${JSON.stringify(answer)}`);
  return rows as readonly Readonly<Record<string, unknown>>[];
}
