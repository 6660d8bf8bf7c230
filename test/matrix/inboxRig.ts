import type { AddressInfo } from 'node:net';
import type { Inbox } from '../../src/flows/inboxPort.ts';
import { Secret } from '../../src/kernel/phi.ts';
import { WardroomAppService } from '../../src/matrix/appService.ts';
import { readTransaction } from '../../src/matrix/arrivals.ts';
import { openPool } from '../../src/postgres/database.ts';
import { createInbox } from '../../src/postgres/inbox.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

export const hsToken = 'hs-secret';
export const room = '!room:hospital.example';
export const voice = '@wardroom_nightjar:hospital.example';
export const bot = '@wardroom:hospital.example';
export const isOurs = (user: string): boolean => user === voice || user === bot;

/** The transactions endpoint on a real socket, with a real inbox behind it. */
export interface InboxRig {
  readonly url: string;
  readonly inbox: Inbox;
  readonly database: TestDatabase;
  readonly refused: string[];
  clock: number;
  put(txnId: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  rows<T>(sql: string, values?: unknown[]): Promise<T[]>;
  /** Forgets what is in memory, as a new process would. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function inboxRig(): Promise<InboxRig> {
  const database = await testDatabase();
  const admin = openPool(database.adminUrl, () => undefined, 2);
  let running = await serve(database, () => rig);
  const rig: InboxRig = {
    get url() {
      return running.url;
    },
    get inbox() {
      return running.inbox;
    },
    database,
    refused: [],
    clock: 1_700_000_000_000,
    put: (txnId, body, headers = { authorization: `Bearer ${hsToken}` }) =>
      fetch(`${running.url}/_matrix/app/v1/transactions/${encodeURIComponent(txnId)}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    rows: async <T>(sql: string, values: unknown[] = []) => (await admin.query(sql, values)).rows as T[],
    async restart() {
      await running.close();
      running = await serve(database, () => rig);
    },
    async close() {
      await running.close();
      await admin.end();
      await database.drop();
    },
  };
  return rig;
}

async function serve(database: TestDatabase, rig: () => InboxRig) {
  const pool = openPool(database.serviceUrl, () => undefined, 4);
  const inbox = createInbox(pool);
  const appService = new WardroomAppService({
    hsToken: new Secret(hsToken),
    knowsUser: isOurs,
    onRefused: (code) => rig().refused.push(code),
    accept: async (txnId, body) => {
      await inbox.commit(readTransaction(txnId, body, rig().clock, isOurs));
    },
  });
  const server = appService.app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    inbox,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await pool.end();
    },
  };
}

let counter = 0;
type Json = Record<string, unknown>;

/** A room event as Synapse puts it into a transaction. */
export const event = (over: Json = {}): Json => ({
  event_id: `$event${++counter}`,
  room_id: room,
  sender: '@fenn:hospital.example',
  type: 'm.room.encrypted',
  origin_server_ts: 1_700_000_000_000,
  content: {
    algorithm: 'm.megolm.v1.aes-sha2',
    ciphertext: 'AwgA',
    session_id: 'session',
    sender_key: 'key',
    device_id: 'DEV',
  },
  ...over,
});

export const receipt = (eventId: string, over: { user?: string; thread?: string; room?: string } = {}): Json => ({
  type: 'm.receipt',
  room_id: over.room ?? room,
  content: {
    [eventId]: {
      'm.read': {
        [over.user ?? '@fenn:hospital.example']: {
          ts: 1,
          ...(over.thread === undefined ? {} : { thread_id: over.thread }),
        },
      },
    },
  },
});
