import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Instant } from '../../src/kernel/clock.ts';
import {
  accountId,
  eventId,
  personKey,
  roomId,
  serviceId,
  ticketId,
  type UserId,
  userId,
} from '../../src/kernel/ids.ts';
import { admit } from '../../src/tickets/admit.ts';
import { advance } from '../../src/tickets/advance.ts';
import { buildDirectory, type DispatchDirectory } from '../../src/tickets/directory.ts';
import { type Dispatch, dispatchSchema } from '../../src/tickets/dispatchSchema.ts';
import type { Acknowledgement, Advanced, Effect, MessageKind, Ticket, TicketEvent } from '../../src/tickets/ticket.ts';
import type { Admission } from '../../src/tickets/unborn.ts';

const data = (name: string) => readFileSync(new URL(`../fixtures/data/${name}`, import.meta.url), 'utf8');
const lines = (name: string) =>
  data(name)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Record<string, never>);

export const oncall = parse(data('oncall.yaml')) as Record<string, Record<string, never>>;
export const dispatch: Dispatch = dispatchSchema.parse(oncall);
export const directory: DispatchDirectory = buildDirectory(dispatch);
export const tickets = lines('tickets.jsonl') as unknown as Record<string, unknown>[];
export const ticketById = (id: string) => {
  const found = tickets.find((one) => one.id === id);
  if (!found) throw new Error(`no ticket ${id}`);
  return structuredClone(found);
};

export interface Hostile {
  readonly case: string;
  readonly channel: string;
  readonly input: {
    readonly base?: string;
    readonly patch?: object;
    readonly each_of?: object[];
    readonly account_numbers?: string[];
  };
  readonly checks: { readonly flag?: string; readonly mentions?: string[]; readonly text_verbatim?: boolean };
}
export const hostile = (lines('hostile.jsonl') as unknown as Hostile[]).filter((one) => one.channel === 'ticket');

export interface Timeline {
  readonly id: string;
  readonly ticket: string;
  readonly protocol: string;
  readonly t0: string;
  readonly inputs: { t: string; sig: string; who?: string; choice?: string; key?: string }[];
  readonly expect: Record<string, unknown>[];
  readonly final?: string;
}
export const timelines = (parse(data('timelines.yaml')) as { timelines: Timeline[] }).timelines;

/** A ticket of the data with fields replaced, deeply. */
export function patched(base: Record<string, unknown>, patch: object): Record<string, unknown> {
  const merged = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    const old = merged[key];
    const both =
      typeof value === 'object' && value !== null && typeof old === 'object' && old !== null && !Array.isArray(value);
    merged[key] = both ? patched(old as Record<string, unknown>, value) : value;
  }
  return merged;
}

export const FENN = userId('@fenn:larkmoor.example');
export const TOLLIVER = userId('@tolliver:larkmoor.example');
export const QUIST = userId('@jory:larkmoor.example');
export const SURI = userId('@suri:larkmoor.example');
export const STRANGER = userId('@stranger:elsewhere.example');
export const ROOT = eventId('$root');
export const ROOM = roomId('!room');

export const at = (iso: string): Instant => Date.parse(iso);
/** `m:ss` in milliseconds. */
export const clock = (text: string): number => {
  const [minutes = '0', seconds = '0'] = text.split(':');
  return (Number(minutes) * 60 + Number(seconds)) * 1000;
};

export const T0 = at('2026-11-28T10:30:10-05:00');

export const admission = (change: Partial<Admission> = {}): Admission => ({
  ticketId: ticketId('tkt_test'),
  service: serviceId('nightjar'),
  account: accountId('LARK-CARD'),
  externalId: 'NJ-1',
  token: '3',
  urgency: 'stat',
  flags: [],
  acceptedAt: T0,
  parts: 1,
  ...change,
});

let counter = 0;
export const acknowledgement = (by: UserId, change: Partial<Acknowledgement> = {}): Acknowledgement => {
  counter += 1;
  return {
    by,
    person: personKey('x'),
    at: T0,
    how: 'reply',
    strength: 'device',
    eventId: eventId(`$ack${counter}`),
    ...change,
  };
};

export const posted = (
  kind: MessageKind,
  unreadableBy: readonly UserId[] = [],
  step: number | null = 0,
): TicketEvent => ({
  type: 'posted',
  kind,
  step,
  eventId: kind === 'ticket' ? ROOT : eventId(`$${kind}${step}`),
  roomId: ROOM,
  unreadableBy,
});

/** A ticket living through events at times after acceptance; deadlines come by themselves, as the keeper would send them. */
export class Life {
  ticket: Ticket;
  readonly log: { readonly ms: number; readonly effect: Effect }[] = [];
  readonly #directory: DispatchDirectory;

  constructor(from: Partial<Admission> = {}, using: DispatchDirectory = directory) {
    this.#directory = using;
    const admitted = admit(admission(from), using);
    this.ticket = admitted.ticket;
    this.#note(0, admitted);
  }

  /** Deadlines up to `ms`, each when it falls due. */
  until(ms: number): this {
    for (;;) {
      const next = this.ticket.nextStepAt;
      if (next === null || next - this.ticket.acceptedAt > ms) return this;
      this.happens(next - this.ticket.acceptedAt, { type: 'deadline' });
    }
  }

  /** An event at this time, nothing else. */
  happens(ms: number, event: TicketEvent): Advanced {
    const advanced = advance(this.ticket, event, this.ticket.acceptedAt + ms, this.#directory);
    this.ticket = advanced.ticket;
    this.#note(ms, advanced);
    return advanced;
  }

  #note(ms: number, { effects }: Advanced): void {
    for (const effect of effects) this.log.push({ ms, effect });
  }

  of<T extends Effect['type']>(type: T): (Extract<Effect, { type: T }> & { ms: number })[] {
    return this.log.flatMap(({ ms, effect }) =>
      effect.type === type ? [{ ...(effect as Extract<Effect, { type: T }>), ms }] : [],
    );
  }

  get reports(): string[] {
    return this.of('report').map((report) => report.status);
  }
  get events(): string[] {
    return this.of('timeline').map((entry) => entry.event);
  }
}

export const MIN = 60_000;
