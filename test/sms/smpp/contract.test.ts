import { carrierName } from '../../../src/flows/texting/carrierPort.ts';
import { describeCarrier, type PeerMood } from '../../contracts/carrier.ts';
import { carrierTo, untilState } from './carrierRig.ts';
import { phoneParts, type Reply, shown, TestSmsc } from './testSmsc.ts';

/** A status of this carrier's own: the phone's holder opted out. */
const OPTED_OUT = 0x4a1;

const replies: Readonly<Record<Exclude<PeerMood, 'away'>, Reply>> = {
  take: { does: 'take' },
  throttle: { does: 'refuse', status: 0x58 },
  'bad-number': { does: 'refuse', status: 0x0b },
  'opted-out': { does: 'refuse', status: OPTED_OUT },
  silent: { does: 'keep-silent' },
  'hang-up': { does: 'hang-up' },
  garbage: { does: 'answer', octets: Buffer.alloc(0) },
};

/** submit_sm_resp whose message_id does not end. */
function garbled(sequence: number): Buffer {
  const octets = Buffer.alloc(16 + 80, 'x');
  octets.writeUInt32BE(octets.length, 0);
  octets.writeUInt32BE(0x8000_0004, 4);
  octets.writeUInt32BE(0, 8);
  octets.writeUInt32BE(sequence, 12);
  return octets;
}

describeCarrier('smpp', {
  moods: ['throttle', 'bad-number', 'opted-out', 'hang-up', 'garbage'],
  async open(name, events) {
    const smsc = await TestSmsc.open();
    const carrier = carrierTo(smsc.port, events, {
      name: carrierName(name),
      refusals: new Map([[OPTED_OUT, 'opted-out']]),
    });
    await untilState(carrier, 'ready');
    let isAway = false;
    return {
      carrier,
      async mood(mood) {
        if (mood === 'away') {
          isAway = true;
          await smsc.stop();
          await untilState(carrier, 'connecting');
          return;
        }
        smsc.reply = ({ pdu }) =>
          mood === 'garbage' ? { does: 'answer', octets: garbled(pdu.sequence_number) } : replies[mood];
        if (isAway) await smsc.start();
        isAway = false;
      },
      handed: () => shown(smsc.submits),
      async phoneWrites({ from, to, body }) {
        const addresses = { source_addr: from.slice(1), destination_addr: to.slice(1) };
        let isTaken = true;
        for (const part of phoneParts(body, 7))
          isTaken = (await smsc.deliver({ ...addresses, ...part })) === 0 && isTaken;
        return isTaken;
      },
      report: async (id, state) => (await smsc.receipt(id, state === 'delivered' ? 'DELIVRD' : 'UNDELIV')) === 0,
      async close() {
        await carrier.stop();
        await smsc.stop();
      },
    };
  },
});
