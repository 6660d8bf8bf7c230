/** A control room on a real PostgreSQL; its homeserver is in memory, and so is business time. */

import type { BotApi, Command } from '../../src/bot/command.ts';
import { Bot } from '../../src/bot/index.ts';
import { Administrators } from '../../src/flows/administrators.ts';
import type { Administrator } from '../../src/flows/administratorsPort.ts';
import { answerCommand, type CommandFlow, finishCommand } from '../../src/flows/answerCommand.ts';
import { CommandAuthority } from '../../src/flows/commandAuthority.ts';
import type { CommandAnswer } from '../../src/flows/commandsPort.ts';
import { confirm as confirmCode } from '../../src/flows/confirmations.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import { eventId, type MasterKey, masterKey, roomId, type UserId, userId } from '../../src/kernel/ids.ts';
import { Phi } from '../../src/kernel/phi.ts';
import { err, ok } from '../../src/kernel/result.ts';
import { type Policy, readPolicy } from '../../src/policy/index.ts';
import { entriesStatement } from '../../src/postgres/auditWriter.ts';
import { PostgresStore } from '../../src/postgres/store.ts';
import type { AuditBench } from '../postgres/auditSupport.ts';

export const room = roomId('!control:example');
/** On a machine that does much at once, no answer comes as `running` that a test does not mean to. */
const PATIENCE_MS = 60_000;
export const bot = userId('@wardroom:example');
export const [ash, birch, cedar] = ['@ash:example', '@birch:example', '@cedar:example'].map(userId) as [
  UserId,
  UserId,
  UserId,
];
export const key = (letter: string): MasterKey => masterKey(letter.repeat(43));

let events = 0;

export const storeOn = (bench: AuditBench): PostgresStore =>
  new PostgresStore({
    pool: bench.pool,
    sealer: bench.content,
    entries: (db, entries) => entriesStatement(db, entries, bench.writer),
    crash: { reach: () => undefined },
    onReady: () => undefined,
  });

/** The built-in policy with a document laid over it. */
export function policyOf(document: Record<string, unknown> = {}): Policy {
  const read = readPolicy(document);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value.policy;
}

export interface World {
  readonly members?: readonly UserId[];
  readonly requireCrossSigned?: boolean;
  readonly commands?: readonly Command[];
  /** How long work may take before it is answered by `running`. */
  readonly patienceMs?: number;
  /** What commands work with, beside the administrators. */
  readonly api?: Partial<Omit<BotApi, 'confirm' | 'administrators'>>;
  /** Who may give which command; default: none that can be read, so that the members may give every one. */
  readonly policy?: () => Policy | null;
  /** Default: one of its own, which `state.now` moves. */
  readonly clock?: Clock;
}

/** An installation whose homeserver shows what `shown` says; what its control room was told and its operators were alarmed of. */
export function installation(
  store: PostgresStore,
  {
    members = [ash, birch],
    requireCrossSigned = true,
    commands,
    patienceMs = PATIENCE_MS,
    api = {},
    clock: given,
    policy = () => null,
  }: World = {},
) {
  const shown = new Map<UserId, MasterKey>([
    [ash, key('A')],
    [birch, key('B')],
    [cedar, key('C')],
  ]);
  const told: Administrator[] = [];
  const alarms: string[] = [];
  const posted = new Map<string, Record<string, unknown>>();
  const state = {
    readers: true,
    roomAnswers: true,
    now: Date.parse('2026-11-28T10:00:00Z'),
    /** What happens between a command's coming in and its transaction. */
    whileLooking: async (): Promise<unknown> => undefined,
  };
  const clock = given ?? { now: () => state.now };
  const authority = new CommandAuthority({
    store,
    clock,
    policy,
    followPolicy: async () => undefined,
    configured: members,
    agreements: async () => [],
    ownServer: 'example',
    bot,
    voices: [],
  });
  const administrators = new Administrators({
    store,
    clock,
    authority,
    alarms: { raise: (code) => void alarms.push(code) },
    identities: {
      async of(users) {
        await state.whileLooking();
        return new Map([...shown].filter(([user]) => users.includes(user)));
      },
    },
    notices: {
      async post(administrator) {
        if (!state.roomAnswers) return err({ kind: 'retry', code: 'homeserver-unreachable' });
        if (!state.readers) return ok(null);
        told.push(administrator);
        return ok(eventId(`$told-${told.length}`));
      },
    },
  });
  const onFailure = () => void alarms.push('work-failed');
  const flow: CommandFlow = { store, clock, administrators, authority, requireCrossSigned, onFailure };
  const hears = new Bot({
    onFailure: (error) => {
      throw error;
    },
    api: { administrators, ...api } as never,
    self: { userId: bot, displayName: 'Wardroom' },
    ...(commands === undefined ? {} : { commands }),
    patienceMs,
    confirm: (tx, given, code, find) => confirmCode(flow, tx, given, code, find),
    answer: (given, order) => answerCommand(flow, given, order),
    finish: (given, order) => finishCommand(flow, given, order),
    alarms: { raise: (code) => void alarms.push(code) },
    room: {
      id: () => room,
      readers: async () => [],
      async post(id, content) {
        if (!state.roomAnswers) return err({ kind: 'retry', code: 'homeserver-unreachable' });
        posted.set(id, content.reveal());
        return ok(eventId(`$${id}`));
      },
    },
  });
  const say = async (
    sender: UserId,
    body: string,
    options: {
      readonly signedBy?: MasterKey | null;
      readonly event?: string;
      readonly room?: string;
      readonly mentions?: readonly UserId[];
    } = {},
  ): Promise<CommandAnswer | undefined> => {
    const event = eventId(options.event ?? `$${++events}`);
    await hears.receive({
      type: 'message',
      room: roomId(options.room ?? room),
      event,
      sender,
      at: 0,
      sentAt: 0,
      body: new Phi(body),
      inReplyTo: null,
      thread: null,
      isEdit: false,
      encrypted: true,
      crossSigned: true,
      mentions: options.mentions ?? [],
      signedBy: options.signedBy === undefined ? (shown.get(sender) ?? null) : options.signedBy,
    });
    return posted.get(`wr.answer.${event}`)?.['org.wardroom.answer'] as CommandAnswer | undefined;
  };
  const confirm = async (by: UserId, of: UserId): Promise<string | undefined> =>
    (await say(by, `!wr admin confirm ${of} ${shown.get(of)}`))?.code;
  const states = async () =>
    Object.fromEntries((await store.read.administrators.all()).map((one) => [one.userId, one.state]));
  return { administrators, authority, shown, told, alarms, posted, state, say, confirm, states };
}
