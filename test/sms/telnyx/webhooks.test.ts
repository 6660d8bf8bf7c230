import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { telnyxSignatures } from '../../../src/sms/telnyx/signature.ts';
import { Heard } from '../rest/heard.ts';
import type { Post, RestRig } from '../rest/peer.ts';
import { finalized, now, openTelnyx, PUBLIC_KEY, received, signedJson } from './words.ts';

/** What is used of the package; its own declarations are many megabytes. */
interface TelnyxWebhooks {
  TelnyxWebhook: new (publicKey: string) => { verify(body: string, headers: Record<string, string>): Promise<void> };
}
const { TelnyxWebhook } = createRequire(import.meta.url)('telnyx/lib/webhooks') as TelnyxWebhooks;

const verdictOf = async (publicKey: string, { body, headers }: Post): Promise<boolean> =>
  new TelnyxWebhook(publicKey).verify(body, { ...headers }).then(
    () => true,
    () => false,
  );
const oursAt = (publicKey: string, { body, headers }: Post, at = Date.now()): boolean =>
  telnyxSignatures(publicKey, { now: () => at })({ headers: { ...headers }, bytes: Buffer.from(body) });

const message = (more: Record<string, unknown> = {}) =>
  received({
    id: 'in-1',
    from: { phone_number: '+12125550142' },
    to: [{ phone_number: '+12125550100' }],
    text: 'hello',
    received_at: '2026-11-28T20:16:07.503+00:00',
    ...more,
  });

describe('the signature of Telnyx', () => {
  it('is Ed25519 over time and body', () => {
    const post = {
      url: '',
      body: '{"data":{"event_type":"message.received"}}',
      headers: {
        'telnyx-timestamp': '1700000000',
        'telnyx-signature-ed25519':
          'K7VcG4FwrJElTZQuuMjgRsShfiMD/cRlI/rYFi/YZs0txJENzEiIIqL68zGgOekgF/ap1T7syscouYdDcaICBw==',
      },
    };
    const key = '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';
    const at = 1_700_000_000_000;
    expect(oursAt(key, post, at)).toBe(true);
    expect(oursAt(key, { ...post, body: `${post.body} ` }, at)).toBe(false);
    expect(oursAt(key, post, at + 300_999)).toBe(true);
    expect(oursAt(key, post, at + 301_000)).toBe(false);
    expect(oursAt(key, post, at - 300_000)).toBe(true);
    expect(oursAt(key, post, at - 300_001)).toBe(false);
    expect(oursAt(PUBLIC_KEY, post, at)).toBe(false);
  });

  it.each(['', 'AAAA', PUBLIC_KEY.slice(0, -1), `${PUBLIC_KEY}A`])(
    'needs a key that is one, which %j is not',
    (key) => {
      expect(() => telnyxSignatures(key, { now: Date.now })).toThrow('32 bytes');
    },
  );

  it("counts whenever Telnyx's own validator says so, and else never", async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const key = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('base64');
    const harm = fc.constantFrom<(post: Post) => Post>(
      (post) => post,
      (post) => ({ ...post, body: `${post.body}\n` }),
      (post) => ({ ...post, headers: { ...post.headers, 'telnyx-timestamp': `0${post.headers['telnyx-timestamp']}` } }),
      (post) => ({ ...post, headers: { ...post.headers, 'telnyx-timestamp': '' } }),
      (post) => ({ ...post, headers: { ...post.headers, 'telnyx-timestamp': '1e9' } }),
      ({ headers: { 'telnyx-signature-ed25519': _, ...headers }, ...post }) => ({ ...post, headers }),
      (post) => ({
        ...post,
        headers: {
          ...post.headers,
          'telnyx-signature-ed25519': (post.headers['telnyx-signature-ed25519'] ?? '').replace(/=+$/, ''),
        },
      }),
    );
    let agreed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.constantFrom(0, -299, 299, -310, 310, -90_000),
        harm,
        async (body, late, change) => {
          const post = change(signedJson('', body === '' ? '{}' : body, now() + late, privateKey));
          const theirs = await verdictOf(key, post);
          if (theirs) agreed += 1;
          expect(oursAt(key, post)).toBe(theirs);
        },
      ),
      { numRuns: 400 },
    );
    expect(agreed).toBeGreaterThan(20);
  });
});

describe('webhooks of Telnyx', () => {
  let heard: Heard;
  let rig: RestRig;
  let url: string;

  beforeEach(async () => {
    heard = new Heard();
    rig = await openTelnyx('contract', heard, { onFault: (fault) => heard.faults.push(fault) });
    url = `${rig.webhookUrl}/inbound`;
  });
  afterEach(async () => {
    await rig.close();
  });

  it('tell of a text with its files and its time', async () => {
    const media = [
      { url: 'https://media.telnyx.com/1', content_type: 'image/png', size: 100, hash_sha256: 'x' },
      { url: 'https://media.telnyx.com/2', content_type: null },
      { size: 3 },
      null,
    ];
    const answer = await rig.post(signedJson(url, message({ media, type: 'MMS' })));
    expect([answer.status, await answer.text()]).toEqual([200, '{}']);
    expect(heard.texts).toMatchObject([
      {
        carrierId: 'in-1',
        sentAt: Date.parse('2026-11-28T20:16:07.503Z'),
        optOut: null,
        media: [
          { reference: 'https://media.telnyx.com/1', contentType: 'image/png' },
          { reference: 'https://media.telnyx.com/2', contentType: null },
        ],
      },
    ]);
  });

  it('do not take what is old, forged or changed', async () => {
    const good = signedJson(url, message());
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const posts = [
      signedJson(url, message(), now() - 302),
      signedJson(url, message(), now() + 302),
      signedJson(url, message(), now(), stranger),
      { ...good, body: good.body.replace('hello', 'HELLO') },
      { ...good, headers: { ...good.headers, 'telnyx-timestamp': String(now() + 2) } },
      { ...good, headers: { 'content-type': 'application/json' } },
    ];
    for (const post of posts) expect((await rig.post(post)).status).toBe(403);
    expect(heard.texts).toEqual([]);
    expect(heard.faults).toEqual(posts.map(() => 'unsigned'));
    expect((await rig.post(good)).status).toBe(200);
  });

  it('pass the same text on again under the same name when it comes again', async () => {
    const post = signedJson(url, message());
    await rig.post(post);
    await rig.post(post);
    expect(heard.texts.map(({ carrierId }) => carrierId)).toEqual(['in-1', 'in-1']);
  });

  it.each([
    ['no JSON', 'hello'],
    ['no event', {}],
    ['an event without a kind', { data: { payload: {} } }],
    ['a text of nobody', message({ from: {} })],
    ['a text to nobody', message({ to: [] })],
    ['a text without a name', message({ id: null })],
    ['a report of no text', finalized(null, 'delivered')],
    ['a payload that is none', { data: { event_type: 'message.received', payload: [] } }],
  ])('refuse %s, though it is signed', async (_, document) => {
    expect((await rig.post(signedJson(url, document))).status).toBe(400);
    expect([heard.texts, heard.reports, heard.faults]).toEqual([[], [], ['unreadable']]);
  });

  it.each([
    ['queued', 'queued'],
    ['sending', 'queued'],
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['sending_failed', 'failed'],
    ['delivery_failed', 'failed'],
    ['delivery_unconfirmed', 'unknown'],
  ])('report %s as %s, at either address', async (said, state) => {
    await rig.post(signedJson(url, finalized('out-1', said, [], 'message.sent')));
    await rig.post(signedJson(`${rig.webhookUrl}/status`, finalized('out-1', said)));
    const report = { carrierId: 'out-1', alsoKnownAs: [], state, carrierCode: null, refusal: null };
    expect(heard.reports).toEqual([report, report]);
  });

  it('report that the phone’s holder wrote STOP', async () => {
    await rig.post(signedJson(url, finalized('out-1', 'delivery_failed', [{ code: '40300', title: 'Blocked' }])));
    expect(heard.reports).toMatchObject([{ state: 'failed', carrierCode: '40300', refusal: 'opted-out' }]);
  });

  it('let pass what nobody has a word for', async () => {
    const read = { data: { event_type: 'message.read', payload: { id: 'out-1' } } };
    for (const one of [read, finalized('out-1', 'teleported'), finalized('out-1', 7), finalized('out-1', 'toString')])
      expect((await rig.post(signedJson(url, one))).status).toBe(200);
    expect([heard.reports, heard.faults]).toEqual([[], []]);
  });
});
