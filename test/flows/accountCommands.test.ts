import type { AccountDevice, Accounts, SignIn } from '../../src/flows/accountsPort.ts';
import { Roles } from '../../src/flows/roles.ts';
import { accountId, deviceId, roomId, type TicketId, type UserId, userId } from '../../src/kernel/ids.ts';
import { err, ok, type PortFailure } from '../../src/kernel/result.ts';
import { accountCommands } from '../../src/server/accounts.ts';
import { LiveDirectory } from '../../src/server/liveDirectory.ts';
import { placesNaming } from '../../src/tickets/departures.ts';
import { dispatch, FENN, QUIST, SURI, TOLLIVER, ticketById } from '../tickets/fixtures.ts';
import { ash, birch, installation, policyOf } from './controlRig.ts';
import { TicketRig } from './ticketRig.ts';

const SERVER = 'larkmoor.example';
const ACCOUNT = accountId('LARK-CARD');
const PHONE = deviceId('PHONE');
const TABLET = deviceId('TABLET');

/** Accounts of a homeserver in memory; what was asked of it, in order. */
class Homeserver implements Accounts {
  readonly asked: string[] = [];
  readonly held = new Map<UserId, AccountDevice[]>();
  readonly locked = new Set<UserId>();
  signs: SignIn = 'homeserver';
  /** What it answers instead; null: it works. */
  failure: PortFailure | null = null;
  /** The process dies where this is asked: no answer ever comes. */
  diesAt: string | null = null;

  constructor() {
    const device = (id: typeof PHONE, seen: number): AccountDevice => ({
      device: id,
      name: `Element on ${id}`,
      client: null,
      lastSeen: seen,
      trust: 'verified',
    });
    this.held.set(FENN, [device(PHONE, 2_000), device(TABLET, 1_000)]);
    this.held.set(QUIST, []);
  }

  signIn = () => this.#ask('signIn', () => this.signs, null);
  state = (user: UserId) =>
    this.#ask('state', () => (this.held.has(user) ? { locked: this.locked.has(user), deactivated: false } : null));
  devices = (user: UserId) => this.#ask('devices', () => this.held.get(user) ?? []);
  sharedRooms = () => this.#ask('sharedRooms', () => [roomId('!a'), roomId('!b')]);
  deleteDevices = (user: UserId, devices: readonly string[]) =>
    this.#ask(`delete ${devices.join()}`, () => {
      this.held.set(
        user,
        (this.held.get(user) ?? []).filter(({ device }) => !devices.includes(device)),
      );
    });
  setLocked = (user: UserId, locked: boolean) =>
    this.#ask(locked ? 'lock' : 'unlock', () => void (locked ? this.locked.add(user) : this.locked.delete(user)));

  async #ask<T>(what: string, work: () => T, failure = this.failure) {
    this.asked.push(what);
    if (this.diesAt !== null && what.startsWith(this.diesAt)) await new Promise(() => undefined);
    return failure === null ? ok(work()) : err(failure);
  }
}

let rig: TicketRig;
let directory: LiveDirectory;
beforeEach(async () => {
  directory = new LiveDirectory(dispatch, () => false);
  rig = await TicketRig.open({ dispatch, directory });
});
afterEach(() => rig?.close());

/** Two administrators, the tickets of the rig, and a homeserver. The same again is another process on the same database. */
async function ward(homeserver = new Homeserver(), isFirst = true) {
  const { store } = rig;
  const clock = { now: () => rig.now };
  const roles = new Roles({
    store,
    clock,
    policy: () => policyOf(),
    agreements: async () => [],
    ownServer: SERVER,
    bot: userId(`@wardroom:${SERVER}`),
    voices: [],
  });
  const schedules = {
    people: () => Object.entries(dispatch.people).flatMap(([key, { mxid }]) => [key, mxid]),
    placesNaming: async (user: UserId) => placesNaming(dispatch, user),
  };
  const commands = accountCommands({ flow: rig.flow, accounts: homeserver, roles, schedules, ownServer: SERVER });
  const here = installation(store, { api: { roles, ...commands }, clock });
  if (isFirst) {
    await here.confirm(birch, ash);
    await here.confirm(ash, birch);
  }
  /** Said, and confirmed by whom it takes. */
  const done = async (words: string, event?: string) => {
    const asked = await here.say(ash, words);
    if (asked?.outcome !== 'confirm') throw new Error(JSON.stringify(asked));
    return here.say(asked.data.second_person === true ? birch : ash, `!wr confirm ${asked.confirm}`, {
      ...(event === undefined ? {} : { event }),
    });
  };
  return { ...here, homeserver, done };
}

let tickets = 0;
const take = (): Promise<TicketId> => rig.take({ ...ticketById('NJ-260020'), id: `NJ-LEAVE-${++tickets}` });
const held = async (user: UserId) =>
  (await rig.store.read.roles.events())
    .filter((event) => event.user === user)
    .map(({ type, role }) => `${type} ${role}`);

describe('a lost phone', () => {
  it('is found among its owner’s devices, shown with what a wipe cannot reach, and wiped by the code, once', async () => {
    const { say, homeserver } = await ward();
    const listed = await say(ash, `!wr device list ${FENN}`);
    expect(listed).toMatchObject({
      code: 'listed',
      data: { user_id: FENN, devices: [{ device_id: PHONE, trust: 'verified' }, { device_id: TABLET }] },
    });
    const asked = await say(ash, `!wr device wipe ${FENN} ${PHONE}`);
    expect(asked).toMatchObject({
      outcome: 'confirm',
      data: { device_id: PHONE, others: 1, rooms: ['!a', '!b'], second_person: false },
    });
    expect(asked?.data.unreached).toEqual(
      expect.arrayContaining(['downloaded', 'offline', 'key-backup', 'notifications']),
    );
    expect(homeserver.asked.some((what) => what.startsWith('delete'))).toBe(false);
    expect(await say(ash, `!wr confirm ${asked?.confirm}`)).toMatchObject({ outcome: 'ok', code: 'wiped' });
    expect(homeserver.held.get(FENN)?.map(({ device }) => device)).toEqual([TABLET]);
    expect(await rig.entries('device.wiped')).toBe(1);
    expect(await say(ash, `!wr confirm ${asked?.confirm}`)).toMatchObject({ code: 'code-used' });
    const again = await say(ash, `!wr device wipe ${FENN} ${PHONE}`);
    expect(again).toMatchObject({ outcome: 'refused', code: 'no-such-device', data: { known: [TABLET] } });
  });

  it.each([
    ['@fenn:elsewhere.example', 'not-ours'],
    [`@wardroom_nightjar:${SERVER}`, 'is-wardroom'],
  ])('of %s is none that Wardroom has power over: %s', async (user, code) => {
    const { say, homeserver } = await ward();
    for (const words of [
      `device list ${user}`,
      `device wipe ${user} PHONE`,
      `user lock ${user}`,
      `user offboard ${user}`,
    ])
      expect(await say(ash, `!wr ${words}`)).toMatchObject({ outcome: 'refused', code });
    expect(homeserver.asked).toEqual([]);
  });

  it.each<[PortFailure, string]>([
    [{ kind: 'permanent', code: 'not-server-admin' }, 'refused'],
    [{ kind: 'retry', code: 'homeserver-unreachable' }, 'failed'],
  ])('is not said to be wiped where the homeserver answers %j', async (failure, outcome) => {
    const homeserver = new Homeserver();
    homeserver.failure = failure;
    const { say, posted } = await ward(homeserver);
    for (const words of [`device list ${FENN}`, `device wipe ${FENN} PHONE`, `user lock ${FENN}`])
      expect(await say(ash, `!wr ${words}`)).toMatchObject({ outcome, code: failure.code });
    // Every code has words of its own.
    expect([...posted.values()].map(({ body }) => body)).not.toContain(failure.code);
  });

  it('behind an authentication service is left to that service, which is said, and nothing is deleted', async () => {
    const homeserver = new Homeserver();
    homeserver.signs = 'delegated';
    const { say, posted } = await ward(homeserver);
    for (const words of [`device wipe ${FENN} PHONE`, `user lock ${FENN}`, `user unlock ${FENN}`])
      expect(await say(ash, `!wr ${words}`)).toMatchObject({ outcome: 'refused', code: 'sign-in-delegated' });
    expect(String([...posted.values()].at(-1)?.body)).toContain('mas-cli manage');
    expect(homeserver.asked.filter((what) => /^(delete|lock|unlock)/.test(what))).toEqual([]);
  });

  it('whose wipe was interrupted by a death is wiped by the next process, without another word', async () => {
    const homeserver = new Homeserver();
    const { say } = await ward(homeserver);
    const asked = await say(ash, `!wr device wipe ${FENN} ${PHONE}`);
    homeserver.diesAt = 'delete';
    const reached = new Promise<void>((resolve) => {
      const { push } = homeserver.asked;
      homeserver.asked.push = (...what) => {
        if (what[0]?.startsWith('delete')) resolve();
        return push.apply(homeserver.asked, what);
      };
    });
    void say(ash, `!wr confirm ${asked?.confirm}`, { event: '$died' });
    await reached;
    homeserver.diesAt = null;
    const next = await ward(homeserver, false);
    expect(await next.say(ash, `!wr confirm ${asked?.confirm}`, { event: '$died' })).toBeDefined();
    const final = [...next.posted.values()].at(-1)?.['m.new_content'] as Record<string, unknown>;
    expect(final['org.wardroom.answer']).toMatchObject({ outcome: 'ok', code: 'wiped' });
    expect(homeserver.held.get(FENN)?.map(({ device }) => device)).toEqual([TABLET]);
  });
});

describe('an account', () => {
  it('is locked by the code and unlocked at once; roles and duties stay', async () => {
    const { say, done, homeserver } = await ward();
    await say(ash, `!wr role grant ${FENN} physician`);
    expect(await done(`!wr user lock ${FENN}`)).toMatchObject({ code: 'locked', data: { roles: ['physician'] } });
    expect(homeserver.locked).toContain(FENN);
    expect(await say(ash, `!wr user lock ${FENN}`)).toMatchObject({ code: 'locked-already' });
    expect(await say(ash, `!wr user unlock ${FENN}`)).toMatchObject({
      code: 'unlocked',
      data: { back_on_schedules: false },
    });
    expect(homeserver.locked).not.toContain(FENN);
    expect(await held(FENN)).toEqual(['granted physician']);
    expect([await rig.entries('user.locked'), await rig.entries('user.unlocked')]).toEqual([1, 1]);
  });

  it('of the last administrator, or one’s own, or of nobody, is not', async () => {
    const { say } = await ward();
    const asked = await say(ash, `!wr role grant ${FENN} admin`);
    await say(birch, `!wr confirm ${asked?.confirm}`);
    for (const command of ['lock', 'offboard'])
      expect(await say(ash, `!wr user ${command} ${FENN}`)).toMatchObject({ outcome: 'refused', code: 'last-admin' });
    for (const command of ['lock', 'offboard'])
      expect(await say(ash, `!wr user ${command} @nobody:${SERVER}`)).toMatchObject({ code: 'no-such-user' });
  });
});

describe('somebody who leaves', () => {
  it('has no role, no duty, no ticket, no device and no way in any more; colleagues have the tickets', async () => {
    const { say, done, homeserver } = await ward();
    await say(ash, `!wr role grant ${FENN} physician`);
    const [taken, called] = [await take(), await take()];
    await rig.says(ACCOUNT, FENN, 'ok', { thread: (await rig.ticket(taken)).rootEventId });
    expect((await rig.ticket(taken)).state).toBe('acknowledged');
    const answer = await done(`!wr user offboard ${FENN} --to ${QUIST}`);
    expect(answer).toMatchObject({ outcome: 'ok', code: 'offboarded' });
    expect(answer?.data.parts).toMatchObject([
      { part: 'roles', done: true, count: 1 },
      { part: 'duties', done: true, code: 'handed-on' },
      { part: 'tickets', done: true, count: 2 },
      { part: 'devices', done: true, count: 2 },
      { part: 'account', done: true, code: 'locked' },
    ]);
    for (const id of [taken, called]) {
      const ticket = await rig.ticket(id);
      expect(ticket.alerted).toEqual([QUIST]);
      expect(ticket.acknowledgements).toEqual([]);
      expect(ticket.nextStepAt).not.toBeNull();
    }
    expect(await held(FENN)).toEqual(['granted physician', 'revoked physician']);
    expect([homeserver.held.get(FENN), homeserver.locked.has(FENN)]).toEqual([[], true]);
    await directory.refresh(rig.store.read.oncall);
    for (const day of Array.from({ length: 60 }, (_, index) => rig.now + index * 86_400_000))
      expect(directory.onDuty(ACCOUNT, day)).not.toContain(FENN);
    expect(directory.members(ACCOUNT).map(({ userId: user }) => user)).not.toContain(FENN);
    expect(directory.mayAcknowledge(ACCOUNT, 'stat', FENN)).toBe(false);
    expect(answer?.data.gaps).toEqual(placesNaming(dispatch, FENN));
    // Said again, nothing is done twice.
    const before = await rig.timeline(called);
    expect(await done(`!wr user offboard ${FENN} --to ${QUIST}`)).toMatchObject({ code: 'offboarded' });
    expect(await rig.timeline(called)).toEqual(before);
  });

  it('and whom nobody follows leaves holes, and tickets that call the next of their ladders at once', async () => {
    const { done } = await ward();
    const id = await take();
    expect((await rig.ticket(id)).alerted).toEqual([FENN]);
    await done(`!wr user offboard ${FENN}`);
    const ticket = await rig.ticket(id);
    expect(ticket.alerted).not.toContain(FENN);
    expect(ticket.alerted.length).toBeGreaterThan(0);
    await directory.refresh(rig.store.read.oncall);
    const duty = directory.resolve(ACCOUNT, 'oncall-cardiology', rig.now);
    expect(duty).toMatchObject({ kind: 'people', alarms: ['schedule-hole'] });
    expect(directory.onDuty(ACCOUNT, rig.now)).not.toContain(FENN);
  });

  it('comes back with an unlock to the schedules that name them, without roles', async () => {
    const { say, done } = await ward();
    await say(ash, `!wr role grant ${FENN} physician`);
    await done(`!wr user offboard ${FENN} --to ${QUIST}`);
    await directory.refresh(rig.store.read.oncall);
    expect(directory.onDuty(ACCOUNT, rig.now)).not.toContain(FENN);
    expect(await say(ash, `!wr user unlock ${FENN}`)).toMatchObject({ data: { back_on_schedules: true } });
    await directory.refresh(rig.store.read.oncall);
    expect(directory.onDuty(ACCOUNT, rig.now)).toContain(FENN);
    expect(await held(FENN)).toEqual(['granted physician', 'revoked physician']);
  });

  it('comes back to the schedules also where the account is another service’s to unlock, which is said', async () => {
    const homeserver = new Homeserver();
    homeserver.signs = 'delegated';
    const { say, done, posted } = await ward(homeserver);
    await done(`!wr user offboard ${FENN} --to ${QUIST}`);
    expect(await say(ash, `!wr user unlock ${FENN}`)).toMatchObject({
      outcome: 'ok',
      code: 'back-on-schedules',
      data: { back_on_schedules: true, account_not: 'sign-in-delegated' },
    });
    expect(String([...posted.values()].at(-1)?.body)).toContain('NOT unlocked');
    await directory.refresh(rig.store.read.oncall);
    expect(directory.onDuty(ACCOUNT, rig.now)).toContain(FENN);
  });

  it('takes a second person where they hold a role that opens Wardroom itself', async () => {
    const { say } = await ward();
    const grant = await say(ash, `!wr role grant ${FENN} security-officer`);
    await say(birch, `!wr confirm ${grant?.confirm}`);
    const asked = await say(ash, `!wr user offboard ${FENN}`);
    expect(asked).toMatchObject({ outcome: 'confirm', data: { second_person: true, roles: ['security-officer'] } });
    expect(await say(ash, `!wr confirm ${asked?.confirm}`)).toMatchObject({ code: 'needs-second-person' });
    expect(await say(birch, `!wr confirm ${asked?.confirm}`)).toMatchObject({ code: 'offboarded' });
  });

  it('is not handed on to nobody that schedules can call, to themselves, or to who left', async () => {
    const { say, done } = await ward();
    for (const to of [FENN, `@nobody:${SERVER}`])
      expect(await say(ash, `!wr user offboard ${FENN} --to ${to}`)).toMatchObject({ code: 'no-such-successor' });
    await done(`!wr user offboard ${QUIST}`);
    expect(await say(ash, `!wr user offboard ${FENN} --to ${QUIST}`)).toMatchObject({ code: 'no-such-successor' });
    const asked = await say(ash, `!wr user offboard ${FENN} --to ${SURI}`);
    await say(ash, `!wr role grant ${FENN} physician`);
    // What was shown is not so any more.
    expect(await say(ash, `!wr confirm ${asked?.confirm}`)).toMatchObject({ code: 'state-changed' });
  });

  it.each<[string, Partial<Pick<Homeserver, 'signs' | 'failure'>>, string]>([
    ['an authentication service signs people in', { signs: 'delegated' }, 'sign-in-delegated'],
    [
      'Wardroom is no server administrator',
      { failure: { kind: 'permanent', code: 'not-server-admin' } },
      'not-server-admin',
    ],
  ])('loses roles, duties and tickets also where %s; what is not done is said', async (_where, world, code) => {
    const homeserver = Object.assign(new Homeserver(), world);
    const { done, posted } = await ward(homeserver);
    const id = await take();
    const answer = await done(`!wr user offboard ${FENN} --to ${TOLLIVER}`);
    expect(answer?.code).toBe('offboarded-in-part');
    expect(answer?.data.parts).toMatchObject([
      { part: 'roles', done: true },
      { part: 'duties', done: true },
      { part: 'tickets', done: true },
      { part: 'devices', done: false, code },
      { part: 'account', done: false, code },
    ]);
    expect(String([...posted.values()].at(-1)?.body)).toContain('IN PART');
    expect((await rig.ticket(id)).alerted).toEqual([TOLLIVER]);
  });

  it('and a death in the middle leave nothing undone: the next process does the rest', async () => {
    const homeserver = new Homeserver();
    const { say } = await ward(homeserver);
    const id = await take();
    const asked = await say(ash, `!wr user offboard ${FENN} --to ${QUIST}`);
    const reached = Promise.withResolvers<void>();
    homeserver.diesAt = 'delete';
    const { push } = homeserver.asked;
    homeserver.asked.push = (...what) => {
      if (what[0]?.startsWith('delete')) reached.resolve();
      return push.apply(homeserver.asked, what);
    };
    void say(ash, `!wr confirm ${asked?.confirm}`, { event: '$died' });
    await reached.promise;
    expect([homeserver.held.get(FENN)?.length, homeserver.locked.size]).toEqual([2, 0]);
    homeserver.diesAt = null;
    const timeline = await rig.timeline(id);
    const next = await ward(homeserver, false);
    await next.say(ash, `!wr confirm ${asked?.confirm}`, { event: '$died' });
    expect([homeserver.held.get(FENN)?.length, homeserver.locked.has(FENN)]).toEqual([0, true]);
    expect(await rig.timeline(id)).toEqual(timeline);
    expect(await rig.entries('user.offboarded')).toBe(1);
  });
});
