/** How fast tickets are accepted while nothing of them is posted. */
import { Agent, request } from 'node:http';
import pg from 'pg';
import { type BenchWard, control } from './ward.ts';

export interface Submission {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether this is the answer of an acceptance. */
  readonly isAccepted: (status: number, text: string) => boolean;
}

/** Holds all posting back while it is measured; what was accepted is not posted afterwards either: other benches would wait for it. */
export async function postingNothing<T>(ward: BenchWard, measure: (admin: pg.Client) => Promise<T>): Promise<T> {
  ward.quiet();
  const admin = new pg.Client({ connectionString: ward.hospital.processes.postgres.url });
  await admin.connect();
  await control(ward.hospital, 'pause');
  try {
    return await measure(admin);
  } finally {
    await admin.query(
      `UPDATE wardroom.messages SET state = 'failed' WHERE state = 'queued';
       UPDATE wardroom.tickets SET state = 'closed', next_step_at = NULL, life = life || '{"state": "closed", "nextStepAt": null}'
        WHERE state = 'accepted'`,
    );
    await control(ward.hospital, 'resume');
    await admin.end();
  }
}

/** Acceptances per second by so many connections, each over and over. */
export async function accepts(
  url: string,
  next: () => Submission,
  connections: number,
  seconds: number,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    return await perSecond(connections, seconds, () => post(url, next(), agent));
  } finally {
    agent.destroy();
  }
}

/** How often `one` was done in a second, by so many who do it over and over. */
export async function perSecond(
  workers: number,
  seconds: number,
  one: (worker: number) => Promise<unknown>,
): Promise<number> {
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
function post(url: string, { headers, body, isAccepted }: Submission, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          if (isAccepted(response.statusCode ?? 0, text)) resolve();
          else reject(new Error(`a ticket was answered ${response.statusCode}: ${text.slice(0, 300)}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
