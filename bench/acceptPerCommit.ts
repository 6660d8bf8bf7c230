import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { accepts, perSecond, postingNothing, type Submission } from './acceptance.ts';
import { newTicket } from './load.ts';
import { type Ratio, round } from './ratios.ts';
import { sideBySide } from './sideBySide.ts';
import type { BenchWard } from './ward.ts';

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
  return postingNothing(ward, async (admin) => {
    await admin.query('CREATE TABLE IF NOT EXISTS public.bench_commits (id bigserial PRIMARY KEY, text text NOT NULL)');
    const ratio = await sideBySide({
      settings: SETTINGS,
      rounds: 5,
      names: { ours: 'accepts', theirs: 'commits' },
      ours: (connections) =>
        accepts(`${ward.hospital.api_url}/api/v1/tickets`, () => jsonTicket(ward.token), connections, SECONDS),
      theirs: (connections) => commits(ward, connections, SECONDS),
      say,
    });
    return { ...ratio, parts: { ...ratio.parts, ...(await bare(ward)) } };
  });
}

/** One more ticket by HTTP and JSON. */
export const jsonTicket = (token: string): Submission => ({
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  body: JSON.stringify(newTicket()),
  isAccepted: (status) => status === 202,
});

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
      await accepts(address.trim(), () => jsonTicket(''), connections, SECONDS);
      parts[`bare_handler_per_s_${connections}`] = round(
        await accepts(address.trim(), () => jsonTicket(''), connections, 3 * SECONDS),
        1,
      );
    }
    return parts;
  } finally {
    handler.kill();
  }
}
