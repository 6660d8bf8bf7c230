/** An SMSC on the npm package `smpp` that takes everything, in a process of its own; writes its port to the standard output. */
import type { AddressInfo } from 'node:net';
import { smppPackage } from '../test/support/smppPackage.ts';

let count = 0;
const server = smppPackage.createServer({}, (session) => {
  session.on('error', () => session.destroy());
  session.on('pdu', (pdu) => {
    if (pdu.command === 'submit_sm') {
      count += 1;
      session.send(pdu.response({ message_id: String(count) }));
    } else if (!pdu.command.endsWith('_resp')) session.send(pdu.response());
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.on('disconnect', () => process.exit(0));
