import { randomInt } from 'node:crypto';
import type { CarrierEvents, CarrierPort, HandOver, OutboundText } from '../../flows/texting/carrierPort.ts';
import { HandedSegments } from './handedSegments.ts';
import { Inbound } from './inbound.ts';
import { InOrder } from './inOrder.ts';
import { Link } from './link.ts';
import { type SmppOptions, USUAL_TIMES, USUAL_WINDOW } from './options.ts';
import { Pace } from './pace.ts';
import { Reassembly } from './reassembly.ts';
import { segmentsOf } from './segments.ts';
import { Submitter } from './submitter.ts';
import { realTimers } from './timers.ts';
import { Turns } from './turns.ts';

/** Texts that wait for their turn; more are told to come again. */
const MOST_SENDING = 1_000;
const BUSY_MS = 1_000;
const NOT_BOUND_MS = 5_000;
const SWEEP_MS = 30_000;

/**
 * An account at a carrier by SMPP 3.4. Starts to connect at once and keeps connected until `stop`; only one process of an installation may
 * have it. `send` resolves when the SMSC has answered, or when it is clear that it will not; texts to one phone go one after the other.
 */
export function createSmppCarrier(options: SmppOptions, events: CarrierEvents): CarrierPort {
  const { name, parts, clock, timers = realTimers, random = Math.random, defaultAlphabet = 'gsm' } = options;
  const { concatenating = 'udh8', window = USUAL_WINDOW, refusals = new Map() } = options;
  const times = { ...USUAL_TIMES, ...options.times };
  const onFault = options.onFault ?? (() => undefined);
  const handed = new HandedSegments();
  const receive = (text: Parameters<CarrierEvents['received']>[1]) => events.received(name, text);
  const reassembly = new Reassembly({
    carrier: name,
    parts,
    clock,
    alphabet: defaultAlphabet,
    times,
    receive,
    onFault,
  });
  const inbound = new Inbound({ carrier: name, events, reassembly, handed, onFault });
  const pace = new Pace(options.perSecond, timers);
  const turns = new Turns(window, pace, timers);
  const inOrder = new InOrder();
  const link = new Link(
    {
      where: options,
      credentials: () => ({
        systemId: options.systemId,
        password: options.password.reveal(),
        systemType: options.systemType,
      }),
      times,
      timers,
      random,
      prepare: () => reassembly.load(),
      onBound: () => turns.open(),
      onLost: () => turns.shut(),
      onFault,
    },
    {
      delivered: (message, session) => inbound.delivered(message, session),
      answered: (text, session) => reassembly.answered(text, session),
      proven: (texts) => inbound.proven(texts),
      fault: onFault,
    },
  );
  const submitter = new Submitter({
    turns,
    pace,
    timers,
    handed,
    refusals,
    submit: async (body) => (await link.session?.submit(body)) ?? { kind: 'unsent' },
  });

  let sending = 0;
  let reference = randomInt(0x1_0000);
  let isStopped = false;
  let callOffSweep = (): void => undefined;
  const sweepLater = (): void => {
    if (!isStopped) callOffSweep = timers.after(SWEEP_MS, () => void inbound.sweep().then(sweepLater));
  };
  const submit = async (text: OutboundText): Promise<HandOver> => {
    if (link.session === null) return { outcome: 'retry', code: 'smpp-not-bound', afterMs: NOT_BOUND_MS };
    reference = (reference + 1) & 0xffff;
    const segments = segmentsOf(text.body.reveal(), { alphabet: defaultAlphabet, concatenating, reference });
    if (segments === null) return { outcome: 'refused', code: 'rejected', carrierCode: null };
    return submitter.send(text, segments);
  };
  sweepLater();
  link.start();

  return {
    name,
    async send(text) {
      if (sending >= MOST_SENDING) return { outcome: 'retry', code: 'smpp-busy', afterMs: BUSY_MS };
      sending += 1;
      try {
        return await inOrder.run(text.to, () => submit(text));
      } finally {
        sending -= 1;
      }
    },
    fetchMedia: async () => null, // SMPP carries no files
    status: () => link.status(),
    async stop() {
      isStopped = true;
      callOffSweep();
      submitter.stop();
      turns.shut();
      await link.stop();
      await inbound.settled();
    },
  };
}
