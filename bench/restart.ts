import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { devKill, devStart } from '../src/dev/commands.ts';
import { postTicket } from '../src/dev/demo/answeringService.ts';
import type { HospitalInfo } from '../src/dev/hospitalInfo.ts';
import { withHospital } from '../src/dev/temporaryHospital.ts';
import { atOnce, newTicket } from './load.ts';
import { quantile, type Ratio, round } from './ratios.ts';
import { control } from './ward.ts';

const ROOMS = 200;
const TICKETS = 10_000;
const ROUNDS = 3;

/**
 * Seconds from the start after a kill -9 until `/ready` says yes, with 200 rooms and 10,000 tickets; resident memory in MB idle before
 * them, then, and after the start. Goal: 5 s, 300 MB. All but a hundred of the tickets are over; those wait for an answer.
 */
export async function restart(say: (line: string) => void): Promise<Ratio> {
  const dir = mkdtempSync(join(tmpdir(), 'wardroom-bench-'));
  try {
    const data = join(dir, 'dispatch.yaml');
    writeFileSync(data, dispatch());
    return await withHospital({ name: 'bench', data, say }, (hospital, home) => measure(hospital, home, say));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(hospital: HospitalInfo, dir: string, say: (line: string) => void): Promise<Ratio> {
  const idle = await memory(hospital);
  await control(hospital, 'pause');
  let next = 0;
  let accepted = 0;
  await atOnce(TICKETS, 16, async () => {
    next += 1;
    const { status } = await postTicket(
      hospital.api_url,
      hospital.services[0]?.token ?? '',
      newTicket(`ROOM-${next % ROOMS}`),
    );
    if (status !== 202) throw new Error(`a ticket was answered ${status}`);
    accepted += 1;
    if (accepted % 2_000 === 0) say(`  ${accepted} of ${TICKETS} tickets accepted`);
  });
  await settle(hospital);
  await control(hospital, 'resume');
  const loaded = await memory(hospital);
  const seconds: number[] = [];
  let after = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    await devKill({ dir, part: 'wardroom' });
    const from = performance.now();
    await devStart({ dir, part: 'wardroom' });
    seconds.push((performance.now() - from) / 1000);
    after = Math.max(after, await memory(hospital));
    say(`  ready after ${seconds.at(-1)?.toFixed(1)} s, ${after} MB`);
  }
  const value = round(quantile(seconds, 0.5), 1);
  return {
    value,
    parts: {
      ready_s: value,
      idle_mb: idle,
      with_tickets_mb: loaded,
      after_start_mb: after,
      rooms: ROOMS,
      tickets: TICKETS,
    },
  };
}

/** As if all had been posted, and all but a hundred answered: identical rows, without the hours that it would take. */
async function settle(hospital: HospitalInfo): Promise<void> {
  const client = new pg.Client({ connectionString: hospital.processes.postgres.url });
  await client.connect();
  try {
    await client.query(`
      UPDATE wardroom.messages m SET state = 'sent', event_id = '$bench_' || m.message_id, room_id = r.room_id
        FROM wardroom.tickets t JOIN wardroom.account_rooms r ON r.account = t.account WHERE t.ticket_id = m.ticket_id;
      INSERT INTO wardroom.ticket_events (event_id, ticket_id, kind)
        SELECT event_id, ticket_id, 'message' FROM wardroom.messages ON CONFLICT DO NOTHING;
      UPDATE wardroom.tickets t SET room_id = m.room_id, root_event_id = m.event_id, state = 'delivered',
             life = life || jsonb_build_object('state', 'delivered', 'roomId', m.room_id, 'rootEventId', m.event_id)
        FROM wardroom.messages m WHERE m.ticket_id = t.ticket_id AND m.kind = 'ticket';
      UPDATE wardroom.tickets SET state = 'closed', next_step_at = NULL, life = life || '{"state": "closed", "nextStepAt": null}'
       WHERE ticket_id NOT IN (SELECT ticket_id FROM wardroom.tickets ORDER BY accepted_at DESC LIMIT 100);`);
  } finally {
    await client.end();
  }
}

/** Resident, in MB. */
async function memory(hospital: HospitalInfo): Promise<number> {
  const text = await (await fetch(hospital.metrics_url)).text();
  return Math.round(Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 1e6);
}

function dispatch(): string {
  const accounts = Array.from({ length: ROOMS }, (_, index) => `ROOM-${index}`);
  const practice = { tz: 'America/New_York', default: ['dr.hawthorn', 'dr.juniper'], roles: { oncall: {} } };
  return JSON.stringify({
    site: { default_oncall: ['dr.hawthorn'], default_protocol: 'SITE-DEFAULT' },
    services: { harrier: { accounts, replies: 'text' } },
    practices: Object.fromEntries(accounts.map((account) => [account, practice])),
    people: {
      'dr.hawthorn': { mxid: '@hawthorn:marshgate.example' },
      'dr.juniper': { mxid: '@juniper:marshgate.example' },
    },
    protocols: {
      'SITE-DEFAULT/STAT': {
        steps: [
          { at: '0m', do: 'room', to: 'site.default_oncall', mention: true },
          { at: '600m', do: 'todo', to: 'dispatcher', text: 'Call' },
        ],
      },
    },
  });
}
