import { Agent, request } from 'node:http';
import pg from 'pg';
import { newTicket } from './load.ts';
import type { Ratio } from './ratios.ts';
import { sideBySide } from './sideBySide.ts';
import { type BenchWard, control } from './ward.ts';

/** All that is accepted in all blocks together must fit under `http.backlog.urgent`: nothing is posted meanwhile. */
const SECONDS = 1;

/**
 * Tickets accepted per second while nothing is posted / single-row commits per second on the same PostgreSQL with as many
 * connections, in alternating blocks. An acceptance is a ticket, its message, its timeline, its audit entry and its answer, in one commit.
 */
export async function acceptPerCommit(ward: BenchWard, say: (line: string) => void): Promise<Ratio> {
  ward.quiet();
  const admin = new pg.Client({ connectionString: ward.hospital.processes.postgres.url });
  await admin.connect();
  await admin.query('CREATE TABLE IF NOT EXISTS public.bench_commits (id bigserial PRIMARY KEY, text text NOT NULL)');
  await control(ward.hospital, 'pause');
  try {
    return await sideBySide({
      settings: [1, 8, 16],
      rounds: 5,
      names: { ours: 'accepts', theirs: 'commits' },
      ours: (connections) => accepts(ward, connections, SECONDS),
      theirs: (connections) => commits(ward, connections, SECONDS),
      say,
    });
  } finally {
    // What was accepted for the measurement is not posted: other benches would wait for it.
    await admin.query(
      `UPDATE wardroom.messages SET state = 'failed' WHERE state = 'queued';
       UPDATE wardroom.tickets SET state = 'closed', next_step_at = NULL, life = life || '{"state": "closed", "nextStepAt": null}'
        WHERE state = 'accepted'`,
    );
    await control(ward.hospital, 'resume');
    await admin.end();
  }
}

async function commits(ward: BenchWard, connections: number, seconds: number): Promise<number> {
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new pg.Client({ connectionString: ward.hospital.processes.postgres.url });
      await client.connect();
      return client;
    }),
  );
  try {
    return await perSecond(connections, seconds, (index) =>
      clients[index]!.query({
        name: 'bench',
        text: 'INSERT INTO public.bench_commits (text) VALUES ($1)',
        values: ['Crushing chest pressure for 20 minutes.'],
      }),
    );
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

async function accepts(ward: BenchWard, connections: number, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    return await perSecond(connections, seconds, () => post(ward, agent));
  } finally {
    agent.destroy();
  }
}

/** How often `one` was done in a second, by so many who do it over and over. */
async function perSecond(workers: number, seconds: number, one: (worker: number) => Promise<unknown>): Promise<number> {
  const from = performance.now();
  const until = from + seconds * 1000;
  let done = 0;
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      while (performance.now() < until) {
        await one(worker);
        done += 1;
      }
    }),
  );
  return done / ((performance.now() - from) / 1000);
}

/** With node's plain client, which costs less than `fetch`: both ends share the machine. */
function post(ward: BenchWard, agent: Agent): Promise<void> {
  const body = JSON.stringify(newTicket());
  return new Promise((resolve, reject) => {
    const sent = request(
      `${ward.hospital.api_url}/api/v1/tickets`,
      {
        method: 'POST',
        agent,
        headers: {
          authorization: `Bearer ${ward.token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        response.resume();
        response.on('end', () => {
          if (response.statusCode === 202) resolve();
          else reject(new Error(`a ticket was answered ${response.statusCode}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
