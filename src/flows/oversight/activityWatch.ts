import type { Clock } from '../../kernel/clock.ts';
import type { UserId } from '../../kernel/ids.ts';
import {
  type ActivityFact,
  ANOMALY_WINDOW_MS,
  addDays,
  beginning,
  type Draft,
  dayAt,
  findAnomalies,
  type Policy,
} from '../../policy/index.ts';
import type {
  ActivityBatch,
  ActivityPosition,
  ActivityRecord,
  EntryPayload,
  LoggedEntry,
  Move,
} from '../activityPort.ts';
import type { Alarms } from '../ports.ts';

export interface ActivityWatchFlow {
  readonly record: ActivityRecord;
  readonly clock: Clock;
  readonly policy: () => Policy | null;
  readonly alarms: Alarms;
  /** Opens a draft; of one key once. */
  readonly openDraft: (draft: Draft) => Promise<unknown>;
}

/** Read at once of the log, and of the inbox. */
const ENTRIES = 1_000;
const MESSAGES = 20_000;
/** With how many days before it a day's messages are compared. */
const HISTORY_DAYS = 28;
/** What is longer ago opens no draft: whoever begins to watch is not told of all that ever was. */
const DRAFTED_DAYS = 7;
/** So much is read in one look, where there is a lot. */
const BATCHES = 20;

/**
 * Reads the audit log and the inbox as they grow, counts what happened, remembers who was in which room, and lets the rules look at what is new (45 CFR
 * 164.308(a)(1)(ii)(D)). Drafts are opened before the place is kept: after a death in between they are found again, and open nothing twice.
 */
export class ActivityWatch {
  readonly #flow: ActivityWatchFlow;

  constructor(flow: ActivityWatchFlow) {
    this.#flow = flow;
  }

  /** Takes up what is new; of a lot, some. Resolves to whether it has all of it. One process does this. */
  async look(): Promise<boolean> {
    for (let batch = 0; batch < BATCHES; batch += 1) if (await this.#lookOnce()) return true;
    return false;
  }

  async #lookOnce(): Promise<boolean> {
    const { record, clock } = this.#flow;
    const policy = this.#flow.policy();
    if (policy === null) return false;
    const from = await record.position();
    const place: ActivityPosition = from ?? { leaf: 0, message: 0, since: clock.now() };
    const zone = policy.time_zone;
    const entries = await record.entries(place.leaf, ENTRIES);
    const { upTo, senders } = await record.messages(place.message, zone, MESSAGES);
    const read = await readEntries(entries, zone);
    const batch: ActivityBatch = {
      from,
      to: { ...place, leaf: (entries.at(-1)?.leaf ?? place.leaf - 1) + 1, message: upTo },
      ...read,
      senders,
    };
    const isNews = from === null || batch.to.leaf !== place.leaf || upTo !== place.message;
    if (isNews) {
      await this.#findIn(batch, policy);
      if (!(await record.record(batch))) return false;
    }
    return entries.length < ENTRIES && upTo < place.message + MESSAGES;
  }

  async #findIn({ facts, senders }: ActivityBatch, policy: Policy): Promise<void> {
    const { record, clock, alarms, openDraft } = this.#flow;
    const oldest = addDays(dayAt(clock.now(), policy.time_zone), -DRAFTED_DAYS);
    const from = beginning(oldest, policy.time_zone);
    const fresh = facts.map(({ fact }) => fact).filter(({ at }) => at >= from);
    const volumes = await this.#volumesOf(
      senders.filter(({ day }) => day >= oldest),
      policy.time_zone,
    );
    if (fresh.length + volumes.length === 0) return;
    const since = Math.min(...fresh.map(({ at }) => at)) - ANOMALY_WINDOW_MS;
    const before = fresh.length === 0 ? [] : await record.facts(since);
    const { drafts, failed } = findAnomalies([...before, ...fresh, ...volumes], policy.oversight, policy.time_zone);
    for (const draft of drafts) await openDraft(draft);
    for (const _ of failed) alarms.raise('anomaly-rule-failed', {});
  }

  /** What these people wrote on these days, with what came just now. */
  async #volumesOf(senders: ActivityBatch['senders'], zone: string): Promise<readonly ActivityFact[]> {
    const { record, clock } = this.#flow;
    const facts: ActivityFact[] = [];
    for (const day of new Set(senders.map((one) => one.day))) {
      const ofDay = senders.filter((one) => one.day === day);
      const known = await record.volumes(
        ofDay.map(({ sender }) => sender),
        day,
        HISTORY_DAYS,
      );
      for (const { sender, messages } of ofDay) {
        const { messages: sofar, before } = known.get(sender) ?? { messages: 0, before: [] };
        const at = Math.min(clock.now(), beginning(addDays(day, 1), zone) - 1);
        facts.push({ kind: 'volume', at, person: sender, messages: sofar + messages, before });
      }
    }
    return facts;
  }
}

/** Refusals that are slips of the keyboard, or that say only that something has changed. */
const SLIPS: readonly string[] = [
  'bad-argument',
  'unknown-command',
  'unknown-code',
  'code-used',
  'code-expired',
  'state-changed',
  'not-ready',
  'no-ticket',
  'which-ticket',
  'heard-late',
  'ticket-closed',
  'already-taken',
];

async function readEntries(
  entries: readonly LoggedEntry[],
  zone: string,
): Promise<Pick<ActivityBatch, 'counts' | 'facts' | 'moves'>> {
  const counts = new Map<string, { day: string; action: string; outcome: string; code: string; times: number }>();
  const facts: { leaf: number; fact: ActivityFact }[] = [];
  const moves: Move[] = [];
  for (const entry of entries) {
    const { at, action, outcome, leaf } = entry;
    const code = isMembership(action) ? '' : entry.code;
    const day = dayAt(at, zone);
    const key = JSON.stringify([day, action, outcome, code]);
    const known = counts.get(key);
    counts.set(key, { day, action, outcome, code, times: (known?.times ?? 0) + 1 });
    const kind = kindOf(entry);
    if (kind === null && !isMembership(action)) continue;
    const payload = await entry.open();
    const move = payload === null ? null : moveIn(entry, payload);
    if (move !== null) moves.push(move);
    const fact = kind === null ? null : factIn(kind, entry, payload);
    if (fact !== null) facts.push({ leaf, fact });
  }
  return { counts: [...counts.values()], facts, moves };
}

const isMembership = (action: string): boolean => action === 'room.member';

function kindOf({ action, outcome, code }: LoggedEntry): ActivityFact['kind'] | null {
  if (outcome === 'refused' && !SLIPS.includes(code)) return 'refused';
  if (outcome !== 'ok') return null;
  switch (action) {
    case 'audit.exported':
    case 'incident.exported':
      return 'exported';
    case 'breakglass.granted':
      return 'break-glass';
    case 'device.unverified':
      return 'device-unverified';
    case 'admin.identity_changed':
      return 'identity-changed';
    default:
      return null;
  }
}

/** Whom it is about: who did it or, of what Wardroom noticed, who it was noticed of. Refusals count of people and of programs that change roles. */
function factIn(
  kind: ActivityFact['kind'],
  { at, code }: LoggedEntry,
  payload: EntryPayload | null,
): ActivityFact | null {
  const user = payload?.detail?.user;
  const isNoticed = kind === 'device-unverified' || kind === 'identity-changed';
  const person = isNoticed && typeof user === 'string' ? user : (payload?.actor ?? 'somebody whose name was destroyed');
  if (kind === 'refused' && !/^(@|api:)/.test(person)) return null;
  return {
    kind,
    at,
    person,
    ...(payload?.room === undefined ? {} : { room: payload.room }),
    ...(code === '' ? {} : { code }),
  };
}

function moveIn({ action, at, code }: LoggedEntry, { room, detail }: EntryPayload): Move | null {
  const user = detail?.user;
  if (!isMembership(action) || room === undefined || typeof user !== 'string') return null;
  if (code !== 'join' && code !== 'leave' && code !== 'ban') return null;
  return { room, user: user as UserId, at, comes: code === 'join' };
}
