/**
 * What hospitals have today: the smallest bot of the bridge library that takes a post and says it in a room. No encryption, no
 * durability, no repetition, no audit. Started by peer.ts with its settings as one JSON argument; prints its port.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppServiceRegistration, Bridge, Logger } from 'matrix-appservice-bridge';

const { homeserverUrl, serverName, asToken, userId } = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;
Logger.configure({ console: 'off' });
const bridge = new Bridge({
  homeserverUrl: homeserverUrl ?? '',
  domain: serverName ?? '',
  registration: AppServiceRegistration.fromObject({
    id: 'peer',
    url: 'http://127.0.0.1',
    as_token: asToken ?? '',
    hs_token: 'unused',
    sender_localpart: '_wardroom_unused',
    rate_limited: false,
    namespaces: {},
  }),
  controller: { onEvent: () => undefined },
  disableStores: true,
});
await bridge.initialise();
const intent = bridge.getIntent(userId);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { room, body } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { room: string; body: string };
    intent.sendMessage(room, { msgtype: 'm.text', body }).then(
      () => response.writeHead(200).end(),
      () => response.writeHead(502).end(),
    );
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.on('disconnect', () => process.exit(0));
