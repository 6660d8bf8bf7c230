import { type HeartbeatFlow, Heartbeats } from '../../src/flows/heartbeats.ts';
import type { Heartbeat, Reads, StatusSender, Store } from '../../src/flows/ports.ts';
import { type ServiceId, serviceId } from '../../src/kernel/ids.ts';
import { err, ok } from '../../src/kernel/result.ts';

const NIGHTJAR = serviceId('nightjar');
const WREN = serviceId('wren');
const allWell = { database: true, homeserver: true, voices: true };

/** Two services that answer when the test says so. */
function rig() {
  const sent: { service: ServiceId; heartbeat: Heartbeat }[] = [];
  const outcomes: string[] = [];
  const world = {
    now: 1_000_000,
    parts: allWell,
    oldest: null as number | null,
    databaseFails: false,
    answer: { [NIGHTJAR]: async () => true, [WREN]: async () => true } as Record<ServiceId, () => Promise<boolean>>,
  };
  const read: Partial<Reads> = {
    oldestUnsent: async () => {
      if (world.databaseFails) throw new Error('no database');
      return world.oldest;
    },
  };
  const sender: StatusSender = {
    send: async () => ok(undefined),
    beat: async (service, heartbeat) => {
      sent.push({ service, heartbeat });
      return (await world.answer[service]?.()) ? ok(undefined) : err({ kind: 'retry', code: 'callback-unreachable' });
    },
  };
  const flow: HeartbeatFlow = {
    store: { read } as Partial<Store> as Store,
    sender,
    clock: { now: () => world.now },
    machineClock: { now: () => world.now },
    services: [NIGHTJAR, WREN],
    parts: async () => world.parts,
    onOutcome: (outcome) => outcomes.push(outcome),
  };
  const heartbeats = new Heartbeats(flow, 60_000);
  const tickAt = async (seconds: number) => {
    world.now = 1_000_000 + seconds * 1000;
    await heartbeats.tick();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const toldOf = (service: ServiceId) =>
    sent.filter((one) => one.service === service).map(({ heartbeat }) => heartbeat);
  return { world, sent, outcomes, tickAt, toldOf };
}

describe('the signs of life to answering services', () => {
  it('go to each at once and then at regular times, counted', async () => {
    const { tickAt, sent, toldOf } = rig();
    for (let seconds = 0; seconds <= 120; seconds += 2) await tickAt(seconds);
    expect(toldOf(NIGHTJAR).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(new Set(sent.map(({ heartbeat }) => heartbeat.at)).size).toBe(3);
    expect(toldOf(WREN)).toHaveLength(3);
  });

  it('tell at once that a part failed, and that it is back', async () => {
    const { world, tickAt, toldOf } = rig();
    await tickAt(0);
    world.parts = { ...allWell, homeserver: false };
    await tickAt(2);
    await tickAt(4);
    world.parts = allWell;
    await tickAt(6);
    expect(toldOf(NIGHTJAR).map(({ parts }) => parts.homeserver)).toEqual([true, false, true]);
  });

  it('say how long the message that is owed longest has waited, and go out without a database', async () => {
    const { world, tickAt, toldOf } = rig();
    world.oldest = 1_000_000 - 90_000;
    await tickAt(0);
    world.databaseFails = true;
    world.parts = { ...allWell, database: false };
    await tickAt(2);
    expect(toldOf(NIGHTJAR).map(({ oldestUnsentMs }) => oldestUnsentMs)).toEqual([90_000, null]);
  });

  it('are never held up by a service that does not answer, nor sent to it twice at a time', async () => {
    const { world, tickAt, toldOf } = rig();
    let answer: (well: boolean) => void = () => undefined;
    world.answer[WREN] = () => new Promise((resolve) => (answer = resolve));
    for (let seconds = 0; seconds <= 180; seconds += 2) await tickAt(seconds);
    expect([toldOf(NIGHTJAR).length, toldOf(WREN).length]).toEqual([4, 1]);
    answer(true);
    await new Promise((resolve) => setImmediate(resolve));
    await tickAt(182);
    await tickAt(184);
    expect(toldOf(WREN).map(({ at }) => at)).toEqual([1_000_000, 1_182_000]);
  });

  it('that cannot be delivered are counted and not repeated', async () => {
    const { world, tickAt, toldOf, outcomes } = rig();
    world.answer[WREN] = async () => false;
    for (let seconds = 0; seconds < 60; seconds += 2) await tickAt(seconds);
    expect(toldOf(WREN)).toHaveLength(1);
    expect(outcomes.sort()).toEqual(['delivered', 'failed']);
  });

  it('go on after one that could not even be made, a lost secret for example', async () => {
    const { world, tickAt, toldOf, outcomes } = rig();
    world.answer[WREN] = async () => {
      throw new Error('no secret');
    };
    await tickAt(0);
    await tickAt(60);
    expect(toldOf(WREN)).toHaveLength(2);
    expect(outcomes.sort()).toEqual(['delivered', 'delivered', 'failed', 'failed']);
  });

  it('go on when the clock is set back', async () => {
    const { tickAt, toldOf } = rig();
    await tickAt(3600);
    await tickAt(0);
    expect(toldOf(NIGHTJAR)).toHaveLength(2);
  });
});
