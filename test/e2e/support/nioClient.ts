import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { HospitalInfo } from '../../../src/dev/hospitalInfo.ts';

const program = fileURLToPath(new URL('./nio_client.py', import.meta.url));
const READY_MS = 60_000;
const ANSWER_MS = 60_000;

/** An event as matrix-nio read it. */
export interface NioEvent {
  readonly event_id: string;
  readonly room_id: string;
  readonly sender: string;
  readonly encrypted: boolean;
  readonly content: Readonly<Record<string, unknown>>;
}

/** A person with matrix-nio, a client nobody here wrote (nio_client.py), on a new device that is not cross-signed. */
export class NioClient {
  readonly deviceId: string;
  readonly #child: ChildProcess;
  readonly #ask: (order: object | null, ms: number) => Promise<Record<string, unknown>>;
  readonly #end: () => Promise<void>;

  private constructor(
    child: ChildProcess,
    ask: (order: object | null, ms: number) => Promise<Record<string, unknown>>,
    end: () => Promise<void>,
    deviceId: string,
  ) {
    this.#child = child;
    this.#ask = ask;
    this.#end = end;
    this.deviceId = deviceId;
  }

  static async logIn(hospital: HospitalInfo, user: { user_id: string; password: string }): Promise<NioClient> {
    const store = mkdtempSync(join(tmpdir(), 'wardroom-nio-'));
    const child = spawn(hospital.processes.synapse.python, [program], { stdio: ['pipe', 'pipe', 'pipe'] });
    const complaints: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
    const answers: Record<string, unknown>[] = [];
    const waiting: ((answer: Record<string, unknown>) => void)[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as Record<string, unknown>;
      const next = waiting.shift();
      if (next) next(answer);
      else answers.push(answer);
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const ask = async (order: object | null, ms: number): Promise<Record<string, unknown>> => {
      if (order !== null) child.stdin.write(`${JSON.stringify(order)}\n`);
      let timer: NodeJS.Timeout | undefined;
      const answer = new Promise<Record<string, unknown>>((resolve) => {
        const early = answers.shift();
        if (early) resolve(early);
        else waiting.push(resolve);
      });
      const failure = (why: string) => new Error(`matrix-nio ${why}: ${complaints.join('').slice(-2000)}`);
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(failure('did not answer')), ms);
      });
      const gone = ended.then((code) => Promise.reject(failure(`ended with ${code}`)));
      gone.catch(() => undefined);
      return Promise.race([answer, late, gone]).finally(() => clearTimeout(timer));
    };
    const end = async () => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
      rmSync(store, { recursive: true, force: true });
    };
    try {
      const { user_id, password } = user;
      const ready = await ask({ homeserver: hospital.homeserver_url, user: user_id, password, store }, READY_MS);
      return new NioClient(child, ask, end, String(ready.device_id));
    } catch (error) {
      await end();
      throw error;
    }
  }

  /** The message of Wardroom about a ticket, when this client could read it. */
  async ticket(ticketId: string, kind: string): Promise<NioEvent> {
    const order = { do: 'ticket', ticket_id: ticketId, kind, timeout: ANSWER_MS / 1000 - 5 };
    return (await this.#ask(order, ANSWER_MS)) as unknown as NioEvent;
  }

  /** Resolves when the event arrived and this client could not read it. */
  async unreadable(eventId: string): Promise<void> {
    await this.#ask({ do: 'unreadable', event_id: eventId, timeout: ANSWER_MS / 1000 - 5 }, ANSWER_MS);
  }

  /** Sends an encrypted message to a thread; its event id. */
  async say(roomId: string, body: string, thread: string): Promise<string> {
    return String((await this.#ask({ do: 'say', room_id: roomId, body, thread }, ANSWER_MS)).event_id);
  }

  /** Logs out and ends the process. */
  async close(): Promise<void> {
    if (this.#child.exitCode === null) await this.#end();
  }
}
