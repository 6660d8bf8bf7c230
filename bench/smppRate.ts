import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pollUntil } from '../src/dev/wait.ts';
import { type CarrierPort, carrierName, textId } from '../src/flows/texting/carrierPort.ts';
import { realClock } from '../src/kernel/clock.ts';
import { phoneNumber } from '../src/kernel/ids.ts';
import { Phi, Secret } from '../src/kernel/phi.ts';
import { createSmppCarrier } from '../src/sms/smpp/index.ts';
import { type SmppSession, smppPackage } from '../test/support/smppPackage.ts';
import type { Ratio } from './ratios.ts';
import { sideBySide } from './sideBySide.ts';

const SECONDS = 1;
/** Submits without an answer: what an account usually has, and what a generous one has. */
const WINDOWS = [10, 100];
const LINE = '12125550100';
const TEXT = 'Your visit with the practice is on Tuesday at 9:15. Reply C to confirm or R to change it.';

/** Texts a second that our carrier hands to an SMSC on loopback / submits a second of the npm package's own client, bare. */
export async function smppRate(say: (line: string) => void): Promise<Ratio> {
  const smsc = fork(fileURLToPath(new URL('smppPeer.ts', import.meta.url)), {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [chunk] = await once(smsc.stdout as NodeJS.ReadableStream, 'data');
  const port = Number(String(chunk));
  try {
    return await sideBySide({
      settings: WINDOWS,
      rounds: 5,
      names: { ours: 'wardroom', theirs: 'smpp' },
      ours: (window) => ours(port, window),
      theirs: (window) => theirs(port, window),
      say,
    });
  } finally {
    smsc.disconnect();
  }
}

/** One loop for each place in the window, until the time is over; resolves to how many a second. */
async function rate(window: number, one: (place: number) => Promise<void>): Promise<number> {
  const began = performance.now();
  const end = began + SECONDS * 1_000;
  let count = 0;
  const places = Array.from({ length: window }, async (_, place) => {
    while (performance.now() < end) {
      await one(place);
      count += 1;
    }
  });
  await Promise.all(places);
  return (count * 1_000) / (performance.now() - began);
}

async function ours(port: number, window: number): Promise<number> {
  const nothing = async (): Promise<void> => undefined;
  const carrier: CarrierPort = createSmppCarrier(
    {
      name: carrierName('measured'),
      host: '127.0.0.1',
      port,
      tls: null,
      systemId: 'measured',
      password: new Secret('measured'),
      systemType: '',
      window,
      perSecond: 1_000_000,
      parts: { save: nothing, load: async () => [], forget: nothing },
      clock: realClock,
    },
    { received: nothing, reported: nothing },
  );
  try {
    await pollUntil('the bind', async () => carrier.status().state === 'ready', { deadlineMs: 10_000, everyMs: 5 });
    return await rate(window, async (place) => {
      const handOver = await carrier.send({
        id: textId('txt_measured'),
        from: phoneNumber(`+${LINE}`),
        to: phoneNumber(`+1212555${1_000 + place}`),
        body: new Phi(TEXT),
      });
      if (handOver.outcome !== 'taken') throw new Error(`not taken: ${handOver.outcome}`);
    });
  } finally {
    await carrier.stop();
  }
}

async function theirs(port: number, window: number): Promise<number> {
  const session: SmppSession = smppPackage.connect({ host: '127.0.0.1', port });
  await new Promise<void>((resolve) => session.on('connect', resolve));
  await new Promise<void>((resolve) =>
    session.bind_transceiver({ system_id: 'measured', password: 'measured' }, () => resolve()),
  );
  try {
    return await rate(
      window,
      (place) =>
        new Promise((resolve, reject) => {
          const fields = {
            source_addr: LINE,
            destination_addr: `1212555${1_000 + place}`,
            registered_delivery: 1,
            short_message: TEXT,
          };
          session.submit_sm(fields, ({ command_status: status }) =>
            status === 0 ? resolve() : reject(new Error(`not taken: ${status}`)),
          );
        }),
    );
  } finally {
    session.destroy();
  }
}
