import { gzipSync } from 'node:zlib';
import { Heard } from '../rest/heard.ts';
import type { RestRig } from '../rest/peer.ts';
import { inboundParameters, openTwilio, signedForm, TOKEN, twilio } from './words.ts';

const text = (more: Record<string, string | readonly string[]> = {}) =>
  inboundParameters({ MessageSid: 'SM1', From: '+12125550142', To: '+12125550100', Body: 'hello', ...more });

describe('webhooks of Twilio', () => {
  let heard: Heard;
  let rig: RestRig;
  let inbound: string;
  let status: string;

  beforeEach(async () => {
    heard = new Heard();
    rig = await openTwilio('contract', heard, { onFault: (fault) => heard.faults.push(fault) });
    [inbound, status] = [`${rig.webhookUrl}/inbound`, `${rig.webhookUrl}/status`];
  });
  afterEach(async () => {
    await rig.close();
  });

  it('answer a text with nothing that would reach the phone', async () => {
    const answer = await rig.post(signedForm(inbound, text()));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/xml; charset=utf-8']);
    expect(await answer.text()).toBe('<?xml version="1.0" encoding="UTF-8"?><Response/>');
  });

  it.each([
    ['nothing', {}],
    ['a wrong one', { 'x-twilio-signature': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }],
  ])('do not take a text that is signed with %s, and say nothing of it', async (_, signature) => {
    const { url, body } = signedForm(inbound, text());
    const headers = { 'content-type': 'application/x-www-form-urlencoded', ...signature };
    const answer = await rig.post({ url, body, headers });
    expect([answer.status, await answer.text()]).toEqual([403, '']);
    expect([heard.texts, heard.faults]).toEqual([[], ['unsigned']]);
  });

  it('believe the configured address, whatever the request says of its own', async () => {
    const forged = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', 'x-original-url': '/evil' };
    const good = signedForm(inbound, text());
    expect((await rig.post({ ...good, headers: { ...good.headers, ...forged } })).status).toBe(200);
    // Signed over the address that the request itself shows: of whoever knows the token of another account and our host.
    const real = signedForm(`${rig.listening}/inbound`, text());
    expect((await rig.post(real)).status).toBe(403);
  });

  it('do not take what was signed for the other address', async () => {
    const { headers, body } = signedForm(status, { MessageSid: 'SM1', MessageStatus: 'delivered' });
    expect((await rig.post({ url: inbound, headers, body })).status).toBe(403);
    expect((await rig.post({ url: `${status}?x=1`, headers, body })).status).toBe(403);
    expect(heard.reports).toEqual([]);
  });

  it('take a query that was configured at the carrier', async () => {
    expect((await rig.post(signedForm(`${inbound}?clinic=north%20wing&x='`, text()))).status).toBe(200);
  });

  it('take JSON whose hash stands in the address', async () => {
    const body = JSON.stringify({ MessageSid: 'SM9', From: '+12125550142', To: '+12125550100', Body: 'Sí' });
    const url = `${inbound}?bodySHA256=${twilio.getExpectedBodyHash(body)}`;
    const signature = twilio.getExpectedTwilioSignature(TOKEN, url, {});
    const headers = { 'content-type': 'application/json', 'x-twilio-signature': signature };
    expect((await rig.post({ url, headers, body })).status).toBe(200);
    expect(heard.texts[0]?.body.reveal()).toBe('Sí');
    expect((await rig.post({ url, headers, body: body.replace('Sí', 'No') })).status).toBe(403);
  });

  it('tell of files, and of what the carrier took for a keyword', async () => {
    const files = {
      NumMedia: '2',
      MediaUrl0: 'https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1',
      MediaContentType0: 'image/jpeg',
      MediaUrl1: 'https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME2',
    };
    await rig.post(signedForm(inbound, text({ ...files, OptOutType: 'STOP', Body: '' })));
    expect(heard.texts[0]).toMatchObject({
      optOut: 'stop',
      media: [
        { reference: files.MediaUrl0, contentType: 'image/jpeg' },
        { reference: files.MediaUrl1, contentType: null },
      ],
    });
    expect(heard.texts[0]?.body.reveal()).toBe('');
  });

  it.each(['-1', '1e9', 'many', '9007199254740993', '11'])(
    'are not misled by a number of files of %s',
    async (many) => {
      expect((await rig.post(signedForm(inbound, text({ NumMedia: many, MediaUrl10: 'https://x/' })))).status).toBe(
        200,
      );
      expect(heard.texts[0]?.media).toEqual([]);
    },
  );

  it('take a text from a short code and from a name in letters: nothing is lost', async () => {
    for (const from of ['72975', 'LARKMOOR', 'whatsapp:+12125550142'])
      expect((await rig.post(signedForm(inbound, text({ From: from, MessageSid: `SM-${from}` })))).status).toBe(200);
    expect(heard.texts.map(({ from }) => from)).toEqual(['72975', 'LARKMOOR', 'whatsapp:+12125550142']);
  });

  it.each([
    ['its name', { MessageSid: '', SmsMessageSid: '' }],
    ['a name that can be kept', { MessageSid: 'SM 1\n2' }],
    ['who wrote it', { From: '' }],
    ['to whom', { To: '' }],
  ])('refuse a text without %s, though it is signed', async (_, missing) => {
    expect((await rig.post(signedForm(inbound, text(missing)))).status).toBe(400);
    expect([heard.texts, heard.faults]).toEqual([[], ['unreadable']]);
  });

  it.each([
    ['accepted', 'queued'],
    ['queued', 'queued'],
    ['sending', 'queued'],
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'delivered'],
    ['undelivered', 'failed'],
    ['failed', 'failed'],
    ['canceled', 'failed'],
    ['partially_delivered', 'unknown'],
  ])('report %s as %s', async (said, state) => {
    await rig.post(signedForm(status, { MessageSid: 'SM1', MessageStatus: said }));
    expect(heard.reports).toEqual([{ carrierId: 'SM1', alsoKnownAs: [], state, carrierCode: null, refusal: null }]);
  });

  it.each([
    ['21610', 'opted-out'],
    ['30005', 'bad-number'],
    ['30034', 'unregistered'],
    ['30003', null],
  ])('report a failure with code %s as %s', async (ErrorCode, refusal) => {
    await rig.post(signedForm(status, { MessageSid: 'SM1', MessageStatus: 'undelivered', ErrorCode }));
    expect(heard.reports).toMatchObject([{ state: 'failed', carrierCode: ErrorCode, refusal }]);
  });

  it('let a status pass that nobody has a word for, and pass on what comes out of order as it comes', async () => {
    for (const said of ['constructor', 'teleported', 'delivered', 'sent', 'delivered'])
      expect((await rig.post(signedForm(status, { MessageSid: 'SM1', MessageStatus: said }))).status).toBe(200);
    expect(heard.reports.map(({ state }) => state)).toEqual(['delivered', 'sent', 'delivered']);
  });

  it('take nothing but a POST of a form that is not too large and not compressed', async () => {
    const { headers } = signedForm(inbound, text());
    const post = async (body: string | Buffer, more: Record<string, string>) =>
      (
        await fetch(`${rig.listening}/inbound`, {
          method: 'POST',
          headers: { ...headers, ...more },
          body: body as string,
        })
      ).status;
    expect((await fetch(`${rig.listening}/inbound`, { headers })).status).toBe(405);
    expect(await post('<a/>', { 'content-type': 'text/xml' })).toBe(415);
    expect(await post(`Body=${'x'.repeat(70_000)}`, {})).toBe(413);
    expect(await post(gzipSync('Body=x'), { 'content-encoding': 'gzip' })).toBe(415);
    expect((await fetch(`${rig.listening}/elsewhere`, { method: 'POST', headers })).status).toBe(404);
    expect(heard.texts).toEqual([]);
  });

  it('do not even look at more than so much of one address', async () => {
    const narrow = await openTwilio('contract', heard, {
      webhooksPerMinute: 3,
      onFault: (fault) => heard.faults.push(fault),
    });
    const post = async () => (await narrow.post(signedForm(inbound, text()))).status;
    expect([await post(), await post(), await post(), await post()]).toEqual([200, 200, 200, 429]);
    expect(heard.faults).toEqual(['flood']);
    await narrow.close();
  });

  it('are told to come again once Wardroom stops', async () => {
    await rig.carrier.stop();
    const answer = await rig.post(signedForm(inbound, text()));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(heard.texts).toEqual([]);
  });
});
