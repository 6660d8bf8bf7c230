import pg from 'pg';
import { postTicket } from '../src/dev/demo/answeringService.ts';
import type { BenchWard } from './ward.ts';

let counter = 0;

export function newTicket(account = 'MEASURED'): Record<string, unknown> & { id: string } {
  counter += 1;
  return {
    id: `BENCH-${counter}`,
    account,
    taken_at: new Date().toISOString(),
    caller: { name: 'Imogen Thackeray', relation: 'spouse', callback: '+12125550142', readback: true },
    patient: { name: 'Ottoline Farrow', dob: '1951-03-09' },
    reason: 'Crushing chest pressure for 20 minutes. Ambulance on the way, wants the cardiologist to know.',
    urgency: 'STAT',
    told_911: true,
  };
}

/** Runs `one` `count` times, `concurrency` at a time. */
export async function atOnce(count: number, concurrency: number, one: () => Promise<void>): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left > 0) {
        left -= 1;
        await one();
      }
    }),
  );
}

/** Sends one plain message as somebody; rejects unless the homeserver took it. */
export type SendPlain = (transaction: string, body: string) => Promise<unknown>;

/** Plain messages: seconds until the homeserver has accepted all of them. */
export async function plainMessages(send: SendPlain, count: number, concurrency: number): Promise<number> {
  const from = performance.now();
  await atOnce(count, concurrency, async () => {
    counter += 1;
    await send(
      `b${counter}`,
      'Crushing chest pressure for 20 minutes. Ambulance on the way, wants the cardiologist to know.',
    );
  });
  return (performance.now() - from) / 1000;
}

/** The same by an ordinary user in the plain room. */
export const plainSends = (ward: BenchWard, count: number, concurrency: number): Promise<number> =>
  plainMessages(
    (transaction, body) =>
      ward.sender.api(
        'PUT',
        `/_matrix/client/v3/rooms/${encodeURIComponent(ward.plainRoom)}/send/m.room.message/${transaction}`,
        { msgtype: 'm.text', body },
      ),
    count,
    concurrency,
  );

/** Tickets by HTTP: seconds until every one of them is in the room, encrypted, with its event id on record. */
export async function ticketPosts(
  ward: Pick<BenchWard, 'hospital' | 'token'>,
  count: number,
  concurrency: number,
  account?: string,
): Promise<number> {
  const client = new pg.Client({ connectionString: ward.hospital.processes.postgres.url });
  await client.connect();
  const unsent = async () =>
    Number(
      (
        await client.query<{ n: string }>(
          `SELECT count(*) AS n FROM wardroom.messages WHERE state IN ('queued', 'encrypted')`,
        )
      ).rows[0]?.n,
    );
  try {
    const from = performance.now();
    await atOnce(count, concurrency, async () => {
      const { status } = await postTicket(ward.hospital.api_url, ward.token, newTicket(account));
      if (status !== 202) throw new Error(`a ticket was answered ${status}`);
    });
    const deadline = from + 120_000;
    while ((await unsent()) > 0) {
      if (performance.now() > deadline) throw new Error('tickets did not reach the room in 120 s');
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return (performance.now() - from) / 1000;
  } finally {
    await client.end();
  }
}
