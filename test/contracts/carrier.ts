/**
 * What holds for every SMS carrier, whatever it speaks. A carrier's own test fills the rig (its real protocol against a peer that the test
 * commands) and calls `describeCarrier`.
 */
import {
  type CarrierEvents,
  type CarrierPort,
  carrierName,
  type DeliveryReport,
  type HandOver,
  type InboundText,
  type OutboundText,
  textId,
} from '../../src/flows/texting/carrierPort.ts';
import { phoneNumber } from '../../src/kernel/ids.ts';
import { Phi } from '../../src/kernel/phi.ts';

/**
 * How the peer treats texts from now on. `take`: takes and names them. `throttle`: not now. `bad-number`: no such phone. `opted-out`: the
 * carrier's own list refuses the phone. `silent`: takes the request and never answers. `hang-up`: takes the request and ends the connection.
 * `garbage`: answers with what is no answer of the protocol, so that nobody knows. `away`: nobody listens.
 */
export type PeerMood = 'take' | 'throttle' | 'bad-number' | 'opted-out' | 'silent' | 'hang-up' | 'garbage' | 'away';

export interface Handed {
  readonly from: string;
  readonly to: string;
  /** As the phone shows it: parts put together. */
  readonly body: string;
}

export interface CarrierRig {
  readonly carrier: CarrierPort;
  /** Resolves when it holds. */
  mood(mood: PeerMood): Promise<void>;
  /** Every text that reached the peer, answered or not, in order; one sent twice is there twice. */
  handed(): readonly Handed[];
  /**
   * A phone's text comes in by the peer. Resolves with whether the peer was told that it was taken (2xx, deliver_sm_resp 0). `id` names it:
   * with the same id it is the peer's repetition of the same text.
   */
  phoneWrites(text: { readonly id: string } & Handed): Promise<boolean>;
  /** The peer reports on a text it has taken. Resolves with whether it was told that the report was taken. */
  report(carrierId: string, state: 'delivered' | 'failed'): Promise<boolean>;
  close(): Promise<void>;
}

export interface CarrierKind {
  /** The moods the protocol can express, beside `take`, `silent` and `away`, which every one can. */
  readonly moods: readonly PeerMood[];
  /** Starts a peer and a carrier that is ready, named `name`; answers are waited for at most about a second. */
  open(name: string, events: CarrierEvents): Promise<CarrierRig>;
}

const LINE = '+12125550100';
const PHONE = '+12125550142';
const NAME = carrierName('contract');
let count = 0;
const text = (body: string, to = PHONE): OutboundText => {
  count += 1;
  return {
    id: textId(`txt_${String(count).padStart(26, '0')}`),
    from: phoneNumber(LINE),
    to: phoneNumber(to),
    body: new Phi(body),
  };
};

/** Keeps what the carrier tells; a test may hold a telling back, or let it fail. */
class Heard implements CarrierEvents {
  readonly texts: InboundText[] = [];
  readonly reports: DeliveryReport[] = [];
  readonly carriers = new Set<string>();
  durable: () => Promise<void> = async () => undefined;
  readonly #begun: (() => void)[] = [];

  async received(carrier: string, one: InboundText): Promise<void> {
    this.carriers.add(carrier);
    for (const wake of this.#begun.splice(0)) wake();
    await this.durable();
    this.texts.push(one);
  }

  async reported(carrier: string, one: DeliveryReport): Promise<void> {
    this.carriers.add(carrier);
    for (const wake of this.#begun.splice(0)) wake();
    await this.durable();
    this.reports.push(one);
  }

  /** Resolves at the next telling. */
  begun(): Promise<void> {
    return new Promise((resolve) => this.#begun.push(resolve));
  }
}

const idOf = (handOver: HandOver): string => {
  if (handOver.outcome !== 'taken') throw new Error(`not taken: ${JSON.stringify(handOver)}`);
  return handOver.carrierId;
};

export function describeCarrier(kindName: string, kind: CarrierKind): void {
  describe(`the carrier ${kindName}`, () => {
    let heard: Heard;
    let rig: CarrierRig;

    beforeEach(async () => {
      heard = new Heard();
      rig = await kind.open(NAME, heard);
    });
    afterEach(async () => {
      await rig.close();
    });
    const incoming = (id: string, body: string) => ({ id, from: PHONE, to: LINE, body });
    const says = (mood: PeerMood) => kind.moods.includes(mood);

    it('is named as it was configured, and ready', () => {
      expect(rig.carrier.name).toBe(NAME);
      expect(rig.carrier.status()).toEqual({ state: 'ready', code: null });
    });

    it.each([
      ['plain words', 'See you on Tuesday at 9:15. Reply C to confirm.'],
      ['accents, braces and the euro', 'Señora Ángela: €20 [copay] ~ {ñ}'],
      ['other scripts and emoji', 'Ваш визит 3 мая 診察 🙂👩‍⚕️'],
      ['line breaks and signs of form encoding', 'a+b=c&d %41\nsecond line; "quoted" <tag>'],
      ['a long text', 'The practice moves to 12 Harbour Road on Monday. '.repeat(7).trim()],
      ['a long text with emoji', '🙂 drink water, €5 {tea} '.repeat(9).trim()],
    ])('hands over %s as they were written', async (_, body) => {
      const handOver = await rig.carrier.send(text(body));
      expect(idOf(handOver)).not.toBe('');
      expect(rig.handed()).toEqual([{ from: LINE, to: PHONE, body }]);
    });

    it('names each text by an id of its own', async () => {
      const ids = [
        await rig.carrier.send(text('one')),
        await rig.carrier.send(text('one')),
        await rig.carrier.send(text('two')),
      ].map(idOf);
      expect(new Set(ids).size).toBe(3);
      expect(rig.handed()).toHaveLength(3);
    });

    it('says "unknown" when no answer comes, and does not send it again by itself', async () => {
      await rig.mood('silent');
      expect((await rig.carrier.send(text('maybe'))).outcome).toBe('unknown');
      await rig.mood('take');
      await sendUntilTaken(rig, 'the next one');
      expect(rig.handed().filter(({ body }) => body === 'maybe')).toHaveLength(1);
    });

    if (says('hang-up'))
      it('says "unknown" when the connection ends after the text was written, and does not send it again by itself', async () => {
        await rig.mood('hang-up');
        expect((await rig.carrier.send(text('maybe'))).outcome).toBe('unknown');
        await rig.mood('take');
        await sendUntilTaken(rig, 'the next one');
        expect(rig.handed().filter(({ body }) => body === 'maybe')).toHaveLength(1);
      });

    if (says('garbage'))
      it('says "unknown" for an answer that is none', async () => {
        await rig.mood('garbage');
        expect((await rig.carrier.send(text('maybe'))).outcome).toBe('unknown');
      });

    it('says "retry" while nobody listens: certainly not taken', async () => {
      await rig.mood('away');
      expect((await rig.carrier.send(text('later'))).outcome).toBe('retry');
      expect(rig.handed()).toEqual([]);
    });

    if (says('throttle'))
      it('says "retry" when the carrier wants it later, and it can be sent then', async () => {
        await rig.mood('throttle');
        expect((await rig.carrier.send(text('too fast'))).outcome).toBe('retry');
        await rig.mood('take');
        await sendUntilTaken(rig, 'too fast');
      });

    if (says('bad-number'))
      it('says which number is none', async () => {
        await rig.mood('bad-number');
        expect(await rig.carrier.send(text('hello'))).toMatchObject({ outcome: 'refused', code: 'bad-number' });
      });

    if (says('opted-out'))
      it("says that the phone's holder opted out at the carrier", async () => {
        await rig.mood('opted-out');
        expect(await rig.carrier.send(text('hello'))).toMatchObject({ outcome: 'refused', code: 'opted-out' });
      });

    it('tells of a text that came in as it was written, under its own name', async () => {
      expect(await rig.phoneWrites(incoming('in-1', 'Sí, el martes 🙂 + 1 & €5'))).toBe(true);
      expect([...heard.carriers]).toEqual([NAME]);
      expect(heard.texts).toHaveLength(1);
      const [got] = heard.texts;
      expect([got?.from, got?.to, got?.body.reveal()]).toEqual([PHONE, LINE, 'Sí, el martes 🙂 + 1 & €5']);
      expect(got?.carrierId).not.toBe('');
    });

    it('tells of a long text that came in as one', async () => {
      const body = 'I have had this cough for nine days and the syrup does not help. '.repeat(5).trim();
      expect(await rig.phoneWrites(incoming('in-long', body))).toBe(true);
      expect(heard.texts.map((one) => one.body.reveal())).toEqual([body]);
    });

    it('says "taken" to the peer only when the text is durable', async () => {
      const durable = Promise.withResolvers<void>();
      heard.durable = () => durable.promise;
      const begun = heard.begun();
      let told = false;
      const answer = rig.phoneWrites(incoming('in-2', 'hello')).then((taken) => {
        told = true;
        return taken;
      });
      await begun;
      // Whatever would be said too early has a way to be heard: round trips of the same event loop.
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      expect(told).toBe(false);
      durable.resolve();
      expect(await answer).toBe(true);
    });

    it('does not say "taken" for a text that could not be kept, and takes it when it comes again', async () => {
      heard.durable = async () => {
        throw new Error('the database is gone');
      };
      expect(await rig.phoneWrites(incoming('in-3', 'hello'))).toBe(false);
      heard.durable = async () => undefined;
      expect(await rig.phoneWrites(incoming('in-3', 'hello'))).toBe(true);
      expect(heard.texts.map((one) => one.body.reveal())).toEqual(['hello']);
    });

    it('tells two texts with the same words apart', async () => {
      expect(await rig.phoneWrites(incoming('in-4', 'ok'))).toBe(true);
      expect(await rig.phoneWrites(incoming('in-5', 'ok'))).toBe(true);
      expect(new Set(heard.texts.map(({ carrierId }) => carrierId)).size).toBe(2);
    });

    it.each(['delivered', 'failed'] as const)('reports a text as %s by the id it was taken with', async (state) => {
      const id = idOf(await rig.carrier.send(text('hello')));
      expect(await rig.report(id, state)).toBe(true);
      expect(heard.reports.map((one) => one.state)).toEqual([state]);
      const [got] = heard.reports;
      expect([got?.carrierId, ...(got?.alsoKnownAs ?? [])]).toContain(id);
    });

    it('says "taken" for a report only when it is durable', async () => {
      const id = idOf(await rig.carrier.send(text('hello')));
      heard.durable = async () => {
        throw new Error('the database is gone');
      };
      expect(await rig.report(id, 'delivered')).toBe(false);
      heard.durable = async () => undefined;
      expect(await rig.report(id, 'delivered')).toBe(true);
      expect(heard.reports).toHaveLength(1);
    });

    it("fetches nothing that is not the carrier's", async () => {
      for (const reference of ['http://127.0.0.1:1/secret', 'file:///etc/passwd', 'https://elsewhere.example/x', ''])
        expect(await rig.carrier.fetchMedia({ reference, contentType: 'image/png' }, 1_000)).toBeNull();
    });

    it('shows neither words nor numbers in what it says of itself', async () => {
      const handOver = await rig.carrier.send(text('private words'));
      await rig.phoneWrites(incoming('in-6', 'private words'));
      const shown = JSON.stringify([handOver, rig.carrier.status(), heard.texts.map(({ carrierId }) => carrierId)]);
      for (const secret of ['private', PHONE, PHONE.slice(1), LINE.slice(1)]) expect(shown).not.toContain(secret);
    });

    it('takes nothing more once it is stopped', async () => {
      await rig.carrier.stop();
      expect(rig.carrier.status().state).toBe('stopped');
      expect((await rig.carrier.send(text('too late'))).outcome).toBe('retry');
      expect(rig.handed()).toEqual([]);
    });
  });
}

/** Sends until the carrier is ready again; only `retry` is tried again, for that is what it says may be. */
async function sendUntilTaken(rig: CarrierRig, body: string): Promise<void> {
  const end = performance.now() + 20_000;
  for (;;) {
    const handOver = await rig.carrier.send(text(body));
    if (handOver.outcome === 'taken') return;
    if (handOver.outcome !== 'retry') throw new Error(`not taken: ${JSON.stringify(handOver)}`);
    if (performance.now() > end) throw new Error('not taken within 20 s');
    await new Promise((resolve) => setTimeout(resolve, Math.min(handOver.afterMs ?? 50, 200)));
  }
}
