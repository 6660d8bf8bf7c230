import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { newTicket } from './load.ts';
import { type Ratio, round } from './ratios.ts';
import { sideBySide } from './sideBySide.ts';
import { type BenchWard, control } from './ward.ts';

/** All that is accepted in all blocks together must fit under `http.backlog.urgent`: nothing is posted meanwhile. */
const SECONDS = 1;
const SETTINGS = [1, 8, 16];

/**
 * Tickets accepted per second while nothing is posted / single-row commits per second on the same PostgreSQL with as many
 * connections, in alternating blocks. An acceptance is a ticket, its message, its timeline, its audit entry and its answer, in one commit.
 * Beside it, what a bare HTTP handler reaches that commits one such row per request: on a disk that commits in a fraction of a
 * millisecond, HTTP and two cores are the bound, not the commit.
 */
export async function acceptPerCommit(ward: BenchWard, say: (line: string) => void): Promise<Ratio> {
  ward.quiet();
  const admin = new pg.Client({ connectionString: ward.hospital.processes.postgres.url });
  await admin.connect();
  await admin.query('CREATE TABLE IF NOT EXISTS public.bench_commits (id bigserial PRIMARY KEY, text text NOT NULL)');
  await control(ward.hospital, 'pause');
  try {
    const ratio = await sideBySide({
      settings: SETTINGS,
      rounds: 5,
      names: { ours: 'accepts', theirs: 'commits' },
      ours: (connections) => accepts(`${ward.hospital.api_url}/api/v1/tickets`, ward.token, connections, SECONDS),
      theirs: (connections) => commits(ward, connections, SECONDS),
      say,
    });
    return { ...ratio, parts: { ...ratio.parts, ...(await bare(ward)) } };
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

/** The same requests to a handler that only keeps a row, in a process of its own. */
async function bare(ward: BenchWard): Promise<Record<string, number>> {
  const file = fileURLToPath(new URL('./bareHandler.ts', import.meta.url));
  const handler = spawn(process.execPath, [file, ward.hospital.processes.postgres.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [address] = (await once(handler.stdout.setEncoding('utf8'), 'data')) as [string];
    const parts: Record<string, number> = {};
    for (const connections of SETTINGS) {
      await accepts(address.trim(), '', connections, SECONDS);
      parts[`bare_handler_per_s_${connections}`] = round(
        await accepts(address.trim(), '', connections, 3 * SECONDS),
        1,
      );
    }
    return parts;
  } finally {
    handler.kill();
  }
}

async function accepts(url: string, token: string, connections: number, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    return await perSecond(connections, seconds, () => post(url, token, agent));
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
function post(url: string, token: string, agent: Agent): Promise<void> {
  const body = JSON.stringify(newTicket());
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent,
        headers: {
          authorization: `Bearer ${token}`,
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
