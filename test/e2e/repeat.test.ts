import { randomUUID } from 'node:crypto';
import type { Person } from '../../src/dev/person.ts';
import { roomHistory, ticketPart, ticketRoots } from '../../src/dev/roomHistory.ts';
import { type Answer, document, send } from './support/http.ts';
import { Ward } from './support/ward.ts';

const TIMES = 300;

let ward: Ward;
let alder: Person;
let room: string;

beforeAll(async () => {
  ward = await Ward.open();
  alder = await ward.person('dr.alder');
  room = ward.room('REPEAT');
});
afterAll(() => ward?.close());

const submit = (ticket: unknown, service = 'nightjar'): Promise<Answer> =>
  send(ward, { body: JSON.stringify(ticket), service });

/** The thread roots in the room whose ticket has this id of the service. */
async function rootsOf(externalId: string) {
  const roots = ticketRoots(await roomHistory(alder, room));
  return roots.filter((root) => String(root.content?.body).includes(`ref ${externalId}\n`));
}

describe('the same ticket again', () => {
  it(`posted ${TIMES} times at once is one thread: one 202, all others 200 with the same ticket_id`, async () => {
    const ticket = ward.ticket('REPEAT');
    const answers = await Promise.all(Array.from({ length: TIMES }, () => submit(ticket)));
    const fresh = answers.filter((answer) => answer.status === 202);
    const again = answers.filter((answer) => answer.status === 200);
    expect([fresh.length, again.length]).toEqual([1, TIMES - 1]);
    const id = String(document(fresh[0]!).ticket_id);
    expect(document(fresh[0]!)).toMatchObject({ duplicate: false, external_id: ticket.id, flags: [] });
    for (const answer of again) expect(document(answer)).toMatchObject({ duplicate: true, ticket_id: id });

    const settled = await ward.untilState(id, 'delivered');
    for (const event of ['accepted', 'sent', 'delivered'])
      expect(settled.timeline.filter((line) => line.event === event)).toHaveLength(1);
    expect((await rootsOf(ticket.id)).map((root) => ticketPart(root.content)?.ticket_id)).toEqual([id]);
    await ward.told(id, 'ticket.delivered');
    expect(ward.toldOf(id)).toEqual(['accepted', 'sent', 'delivered']);
    const about = ward.receiver.callbacks.filter((one) => one.data.external_id === ticket.id);
    expect(new Set(about.map((one) => one.data.ticket_id))).toEqual(new Set([id]));
  });

  it('is the same when its keys are in another order and its characters escaped', async () => {
    const ticket = ward.ticket('REPEAT');
    const first = await submit(ticket);
    expect(first.status).toBe(202);
    const turned = JSON.stringify(Object.fromEntries(Object.entries(ticket).reverse()), null, 3);
    const escaped = turned.replace('Chest', '\\u0043hest');
    expect(escaped).not.toBe(turned);
    const second = await send(ward, { body: escaped });
    expect(second.status).toBe(200);
    expect(document(second)).toMatchObject({ duplicate: true, ticket_id: document(first).ticket_id });
  });

  it('is still the same after Wardroom was killed and started', async () => {
    const ticket = ward.ticket('REPEAT');
    const first = await submit(ticket);
    expect(first.status).toBe(202);
    await ward.dev('kill', 'wardroom');
    await ward.dev('start', 'wardroom');
    const second = await submit(ticket);
    expect(second.status).toBe(200);
    expect(document(second).ticket_id).toBe(document(first).ticket_id);
  });
});

describe('the same id', () => {
  it('with another text is a second ticket, flagged, and each text is a repetition of its own', async () => {
    const ticket = ward.ticket('REPEAT');
    const corrected = { ...ticket, caller: { name: 'Maren', callback: '+12125550109', readback: true } };
    const first = document(await submit(ticket));
    const second = await submit(corrected);
    expect(second.status).toBe(202);
    const other = document(second);
    expect(other).toMatchObject({ duplicate: false, external_id: ticket.id, flags: ['id_reused'] });
    expect(other.ticket_id).not.toBe(first.ticket_id);
    for (const [text, id] of [
      [ticket, first.ticket_id],
      [corrected, other.ticket_id],
    ] as const) {
      const again = await submit(text);
      expect(again.status).toBe(200);
      expect(document(again)).toMatchObject({ duplicate: true, ticket_id: id });
    }
    for (const one of [first, other]) await ward.untilState(String(one.ticket_id), 'delivered');
    const roots = await rootsOf(ticket.id);
    expect(roots.map((root) => ticketPart(root.content)?.ticket_id).sort()).toEqual(
      [String(first.ticket_id), String(other.ticket_id)].sort(),
    );
    const flagged = roots.find((root) => ticketPart(root.content)?.ticket_id === other.ticket_id);
    expect(String(flagged?.content?.body)).toContain('same ref and another text');
  });

  it('with two texts at once is two tickets, exactly one of them flagged', async () => {
    const ticket = ward.ticket('REPEAT');
    const texts = ['first', 'second'].map((reason) => ({ ...ticket, reason }));
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => submit(texts[index % 2])));
    const fresh = answers.filter((answer) => answer.status === 202).map(document);
    expect(fresh).toHaveLength(2);
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(38);
    expect(new Set(answers.map((answer) => document(answer).ticket_id)).size).toBe(2);
    expect(fresh.map((view) => (view.flags as string[]).includes('id_reused')).sort()).toEqual([false, true]);
  });

  it('of another service is another ticket, from that service’s voice and not flagged', async () => {
    const ticket = ward.ticket('REPEAT', { id: `T-${randomUUID()}` });
    const [ours, theirs] = await Promise.all([submit(ticket), submit(ticket, 'wren')]);
    expect([ours.status, theirs.status]).toEqual([202, 202]);
    const ids = [document(ours), document(theirs)].map((view) => String(view.ticket_id));
    expect(new Set(ids).size).toBe(2);
    expect(document(theirs).flags).toEqual([]);
    await ward.untilState(ids[0]!, 'delivered');
    await ward.untilState(ids[1]!, 'delivered', 'wren');
    const roots = await rootsOf(ticket.id);
    expect(roots).toHaveLength(2);
    expect(new Set(roots.map((root) => root.sender)).size).toBe(2);
  });
});
