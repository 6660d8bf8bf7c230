import { devKill, devStart } from '../../src/dev/commands.ts';
import { ask } from './support/database.ts';
import { NioClient } from './support/nioClient.ts';
import { Ward } from './support/ward.ts';

let ward: Ward;
let nio: NioClient | undefined;
let room: string;

/** Wardroom started again with another answer to the question who gets keys. */
async function restartWith(devices: 'cross-signed' | 'all'): Promise<void> {
  ward.cryptoDevices(devices);
  await devKill({ dir: ward.dir, part: 'wardroom' });
  await devStart({ dir: ward.dir, part: 'wardroom' });
}

/** Which devices of dr.elm got the key of the ticket's message. */
async function readersOf(ticketId: string): Promise<readonly string[]> {
  const [row] = await ask<{ readers: Record<string, string[]> }>(
    ward.hospital,
    `SELECT readers FROM wardroom.messages WHERE ticket_id = $1 AND kind = 'ticket'`,
    [ticketId],
  );
  return row?.readers[ward.userId('dr.elm')] ?? [];
}

beforeAll(async () => {
  ward = await Ward.open();
  room = ward.room('OTHER-CLIENT');
  const elm = ward.hospital.people.find((one) => one.key === 'dr.elm');
  if (!elm) throw new Error('no dr.elm');
  nio = await NioClient.logIn(ward.hospital, elm);
});
afterAll(async () => {
  await nio?.close();
  if (ward) await restartWith('cross-signed');
  await ward?.close();
});

describe('a client nobody here wrote, on a device that is not cross-signed', () => {
  it('gets no key while only cross-signed devices do: the ticket is undecryptable', async () => {
    const id = await ward.post('OTHER-CLIENT');
    const { event_id } = await ward.untilState(id, 'undecryptable');
    await nio?.unreadable(event_id ?? '');
    expect(await readersOf(id)).toEqual([]);
  });

  it('reads the ticket and acknowledges it by an encrypted ok in the thread where every device gets keys', async () => {
    await restartWith('all');
    const id = await ward.post('OTHER-CLIENT');
    const root = await nio?.ticket(id, 'ticket');
    expect(root).toMatchObject({
      encrypted: true,
      room_id: room,
      sender: ward.service('nightjar').accounts.find((one) => one.id === 'OTHER-CLIENT')?.voice_user_id,
      content: { msgtype: 'm.text', 'm.mentions': { user_ids: [ward.userId('dr.elm')] } },
    });
    for (const part of [ward.canary, '+12125550142', '1951-03-09']) expect(root?.content.body).toContain(part);
    expect(await readersOf(id)).toEqual([nio?.deviceId]);
    await ward.told(id, 'ticket.delivered');
    const said = await nio?.say(room, 'ok', root?.event_id ?? '');
    const ticket = await ward.untilState(id, 'acknowledged');
    expect(ticket.acknowledged).toMatchObject({ by: ward.userId('dr.elm'), how: 'reply', strength: 'device' });
    const [stored] = await ask<{ type: string }>(
      ward.hospital,
      'SELECT type FROM wardroom.inbox_events WHERE event_id = $1',
      [said],
    );
    expect(stored?.type).toBe('m.room.encrypted');
  });
});
