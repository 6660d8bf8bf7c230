/** A carrier's REST API on a real socket, which a test commands, and Wardroom's webhooks on another. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { CarrierTextId } from '../../../src/flows/texting/carrierPort.ts';
import { listen } from '../../../src/server/listeners.ts';
import type { RestCarrier } from '../../../src/sms/rest/carrier.ts';
import type { CarrierRig, Handed, PeerMood } from '../../contracts/carrier.ts';

export interface Said {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Posted {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** How one carrier says things. */
export interface Words {
  handed(posted: Posted): Handed;
  taken(id: string): Said;
  badNumber(): Said;
  optedOut(): Said;
  /** What phones write, signed. */
  inbound(url: string, text: { readonly id: string } & Handed): Post;
  report(url: string, carrierId: string, state: 'delivered' | 'failed'): Post;
}

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the API does with a request instead of what its mood says. */
export type Script = (response: ServerResponse, request: IncomingMessage) => void;

export interface RestRig extends CarrierRig {
  readonly carrier: RestCarrier;
  readonly posted: Posted[];
  /** For every request from now on; null: as the mood says. */
  script: Script | null;
  /** Of the API. */
  readonly baseUrl: string;
  readonly webhookUrl: string;
  /** Where the same webhooks really listen. */
  readonly listening: string;
  post(post: Post): Promise<Response>;
}

const PUBLIC = 'https://texts.larkmoor.example/sms/contract';

export async function openRestRig(
  words: Words,
  create: (urls: { readonly baseUrl: string; readonly webhookUrl: string }) => RestCarrier,
): Promise<RestRig> {
  const posted: Posted[] = [];
  const state = { mood: 'take' as PeerMood, script: null as Script | null, count: 0 };
  const answer = (response: ServerResponse, { status, body, headers }: Said) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
  const moods: Record<PeerMood, (response: ServerResponse) => void> = {
    take: (response) => {
      state.count += 1;
      answer(response, words.taken(`XX${String(state.count).padStart(32, '0')}`));
    },
    throttle: (response) => answer(response, { status: 429, body: '{}', headers: { 'retry-after': '0' } }),
    'bad-number': (response) => answer(response, words.badNumber()),
    'opted-out': (response) => answer(response, words.optedOut()),
    silent: () => undefined,
    'hang-up': (response) => response.destroy(),
    garbage: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>welcome</html>'),
    away: (response) => response.destroy(),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    if (request.method === 'POST') posted.push({ path: request.url ?? '', headers: request.headers, body });
    if (state.script) return state.script(response, request);
    moods[state.mood](response);
  });
  const port = await open(server, 0);
  const baseUrl = `http://127.0.0.1:${port}`;
  const carrier = create({ baseUrl, webhookUrl: PUBLIC });
  const app = express().use('/sms/contract', carrier.router);
  const listener = await listen(app, { host: '127.0.0.1', port: 0 });
  const rig: RestRig = {
    carrier,
    posted,
    baseUrl,
    webhookUrl: PUBLIC,
    listening: `${listener.url}/sms/contract`,
    get script() {
      return state.script;
    },
    set script(next) {
      state.script = next;
    },
    async mood(mood) {
      state.mood = mood;
      if (mood === 'away') await shut(server);
      else if (!server.listening) await open(server, port);
    },
    handed: () => posted.map((one) => words.handed(one)),
    post: ({ url, headers, body }) => fetch(url.replace(PUBLIC, rig.listening), { method: 'POST', headers, body }),
    async phoneWrites(text) {
      return (await rig.post(words.inbound(`${PUBLIC}/inbound`, text))).ok;
    },
    async report(carrierId, state) {
      return (await rig.post(words.report(`${PUBLIC}/status`, carrierId, state))).ok;
    },
    async close() {
      server.closeAllConnections();
      await carrier.stop();
      await listener.stop(1_000);
      await shut(server);
    },
  };
  return rig;
}

const open = (server: Server, port: number): Promise<number> =>
  new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

const shut = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

export const idOf = (id: string) => id as CarrierTextId;
