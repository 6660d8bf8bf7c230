import { postTicket } from '../src/dev/demo/answeringService.ts';
import { newTicket } from './load.ts';
import { quantile, type Ratio, round } from './ratios.ts';
import type { BenchWard } from './ward.ts';

const SAMPLES = 60;
const WARM_UP = 10;

/** From 202 to decrypted on a clinician's client / a plain message from one person to another, from the request to its arrival. */
export async function statLatencyPerPlain(ward: BenchWard, say: (line: string) => void): Promise<Ratio> {
  const plain: number[] = [];
  const stat: number[] = [];
  for (let index = 0; index < SAMPLES + WARM_UP; index += 1) {
    const onePlain = await plainMessage(ward, index);
    const oneTicket = await statTicket(ward);
    if (index < WARM_UP) continue;
    plain.push(onePlain);
    stat.push(oneTicket);
  }
  const parts: Record<string, number> = {};
  for (const [name, share] of [
    ['p50', 0.5],
    ['p95', 0.95],
  ] as const) {
    parts[`plain_ms_${name}`] = round(quantile(plain, share), 1);
    parts[`stat_ms_${name}`] = round(quantile(stat, share), 1);
    parts[`ratio_${name}`] = round(quantile(stat, share) / quantile(plain, share));
  }
  say(
    `  plain p50 ${parts.plain_ms_p50} ms, p95 ${parts.plain_ms_p95} ms; STAT p50 ${parts.stat_ms_p50} ms, p95 ${parts.stat_ms_p95} ms`,
  );
  return { value: Math.max(parts.ratio_p50 ?? Number.NaN, parts.ratio_p95 ?? Number.NaN), parts };
}

const now = () => performance.timeOrigin + performance.now();

async function plainMessage(ward: BenchWard, index: number): Promise<number> {
  const body = `plain ${index}`;
  const arrived = ward.reader.waitFor((event) => event.roomId === ward.plainRoom && event.content.body === body);
  const from = now();
  await ward.sender.api(
    'PUT',
    `/_matrix/client/v3/rooms/${encodeURIComponent(ward.plainRoom)}/send/m.room.message/l${index}`,
    {
      msgtype: 'm.text',
      body,
    },
  );
  const event = await arrived;
  return event.receivedAt - from;
}

async function statTicket(ward: BenchWard): Promise<number> {
  const { body } = await postTicket(ward.hospital.api_url, ward.token, newTicket());
  const from = now();
  const event = await ward.reader.waitFor(
    (seen) => (seen.content['org.wardroom.ticket'] as { ticket_id?: string } | undefined)?.ticket_id === body.ticket_id,
  );
  return (event.readableAt ?? Number.NaN) - from;
}
