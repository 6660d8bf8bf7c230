import { heartbeatCallback, statusCallback } from '../../src/channels/http/schemas.ts';
import { devKill, devStart } from '../../src/dev/commands.ts';
import type { Callback } from '../../src/dev/demo/answeringService.ts';
import type { Person } from '../../src/dev/person.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { about, mentioned, type TicketState, Ward } from './support/ward.ts';

let ward: Ward;
let alder: Person;

beforeAll(async () => {
  ward = await Ward.open();
  alder = await ward.person('dr.alder');
});
afterAll(async () => {
  await devStart({ dir: ward.dir, part: 'synapse' });
  await ward?.dev('clock', 'real');
  await ward?.close();
});

const kill = () => devKill({ dir: ward.dir, part: 'synapse' });
async function start(): Promise<void> {
  await devStart({ dir: ward.dir, part: 'synapse' });
  alder.client.retryImmediately();
}

async function sendTestPage(account: string, service = 'nightjar') {
  const response = await fetch(`${ward.hospital.api_url}/api/v1/accounts/${account}/test`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ward.service(service).token}` },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const heartbeat = (homeserver: 'ok' | 'down', after: number) => (one: Callback) =>
  one.type === 'service.heartbeat' && one.data.homeserver === homeserver && one.at > after;

describe('an answering service', () => {
  it('is told at once that the homeserver is down, that a pressing ticket is delayed, and when all is well again', async () => {
    const begun = performance.now();
    await kill();
    const down = await ward.receiver.waitFor('down', heartbeat('down', begun));
    expect(down.isSigned).toBe(true);
    expect(heartbeatCallback.parse(JSON.parse(down.raw)).data).toMatchObject({ state: 'degraded', wardroom: 'ok' });

    const stat = await ward.post('OUTAGE');
    const urgent = await ward.post('OUTAGE', { urgency: 'URGENT' });
    const routine = await ward.post('OUTAGE', { urgency: 'ROUTINE' });
    await ward.dev('clock', 'advance', '50s');
    // The keeper of deadlines has looked: the change of the clock made it.
    expect(ward.toldOf(stat)).not.toContain('delayed');
    await ward.dev('clock', 'advance', '11s');
    const delayed = await ward.told(stat, 'ticket.delayed');
    expect(statusCallback.parse(JSON.parse(delayed.raw)).data).toMatchObject({ urgency: 'stat', state: 'accepted' });
    await ward.told(urgent, 'ticket.delayed');
    await ward.dev('clock', 'advance', '5m');

    const returned = performance.now();
    await start();
    await ward.receiver.waitFor('well again', heartbeat('ok', returned));
    for (const id of [stat, urgent, routine]) {
      await alder.waitFor(about(id, 'ticket'), { timeoutMs: 60_000 });
      await ward.until(id, ({ state }) => state === 'delivered' || state === 'sent');
    }
    const { timeline } = await ward.look(stat);
    expect(timeline.filter(({ event }) => event === 'delayed')).toHaveLength(1);
    expect((await ward.look(routine)).timeline.map(({ event }) => event)).not.toContain('delayed');
    await ward.told(stat, 'ticket.delivered');
    expect(ward.toldOf(stat).filter((status) => status === 'delayed')).toHaveLength(1);
    expect(ward.toldOf(stat).indexOf('delayed')).toBeLessThan(ward.toldOf(stat).indexOf('sent'));
    await ward.dev('clock', 'real');
  });

  it('tries the way with a test page, which alerts nobody, never escalates, tells how long each part took, and closes', async () => {
    const { status, body } = await sendTestPage('OUTAGE');
    expect([status, body.test, body.urgency, body.state]).toEqual([202, true, 'stat', 'accepted']);
    const id = String(body.ticket_id);
    const page = await alder.waitFor(about(id, 'ticket'));
    expect(String(page.content.body)).toMatch(/^TEST /);
    expect(String(page.content.body)).not.toMatch(/STAT|To take this ticket/);
    expect(page.content['org.wardroom.ticket']).toMatchObject({ test: true });
    expect(mentioned(page)).toEqual([]);
    const sent = await ward.told(id, 'ticket.sent');
    expect(statusCallback.parse(JSON.parse(sent.raw)).data.test).toBe(true);
    await ward.told(id, 'ticket.delivered');
    await alder.read(ward.room('OUTAGE'), page.eventId);
    const seen = (await ward.untilState(id, 'seen')) as TicketState & { test?: boolean };
    expect(seen.test).toBe(true);
    const at = Object.fromEntries(
      seen.timeline.map((line) => [line.event, Date.parse((line as { at?: string }).at ?? '')]),
    );
    expect(at.accepted).toBeLessThanOrEqual(at.sent ?? 0);
    expect(at.sent).toBeLessThanOrEqual(at.delivered ?? 0);
    expect(at.delivered).toBeLessThanOrEqual(at.seen ?? 0);

    for (const step of ['3m', '6m', '2m']) await ward.dev('clock', 'advance', step);
    const closed = await ward.untilState(id, 'closed');
    expect(closed.timeline.map(({ event }) => event)).toEqual(['accepted', 'sent', 'delivered', 'seen', 'closed']);
    await ward.told(id, 'ticket.closed');
    expect(ward.toldOf(id)).toEqual(['accepted', 'sent', 'delivered', 'seen', 'closed']);
    await ward.dev('clock', 'real');
  });

  it('is refused a test page for an account that is not its own', async () => {
    expect(await sendTestPage('OUTAGE', 'wren')).toMatchObject({ status: 403, body: { code: 'account-refused' } });
  });

  it('does not find its test pages in the figures of real tickets', async () => {
    const figures = async () =>
      (await (await fetch(ward.hospital.metrics_url)).text())
        .split('\n')
        .filter((line) => /^wardroom_(tickets|ticket_changes_total)\{.*"stat"/.test(line));
    const before = await figures();
    const { body } = await sendTestPage('QUIET');
    await ward.told(String(body.ticket_id), 'ticket.sent');
    await pollUntil('sent', async () => (await ward.look(String(body.ticket_id))).state !== 'accepted', {
      deadlineMs: 30_000,
    });
    expect(await figures()).toEqual(before);
  });
});
