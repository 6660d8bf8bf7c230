/** What is sent, beside what the carriers' own packages send for the same text. */
import { createRequire } from 'node:module';
import { phoneNumber } from '../../../src/kernel/ids.ts';
import { Phi } from '../../../src/kernel/phi.ts';
import { API_KEY, openTelnyx } from '../telnyx/words.ts';
import { openTwilio, SID, TOKEN } from '../twilio/words.ts';
import { Heard, outbound } from './heard.ts';

const require = createRequire(import.meta.url);

interface Sent {
  readonly method: string;
  readonly uri: string;
  readonly username: string;
  readonly password: string;
  readonly data: Record<string, string>;
}
type TwilioClient = new (
  sid: string,
  token: string,
  options: { httpClient: { request(sent: Sent): Promise<{ statusCode: number; body: unknown }> } },
) => { messages: { create(message: Record<string, unknown>): Promise<unknown> } };
type TelnyxClient = new (options: {
  apiKey: string;
  baseURL: string;
  maxRetries: number;
}) => {
  messages: { send(message: Record<string, unknown>): Promise<unknown> };
};

const text = {
  ...outbound(''),
  body: new Phi('Sí: a+b=c&d %41, "€5"\nsecond line 🙂'),
  to: phoneNumber('+12125550142'),
};

describe('a text that is sent', () => {
  it("to Twilio is what Twilio's package sends, and asks that nothing of it is kept", async () => {
    const rig = await openTwilio('contract', new Heard(), { validitySeconds: 600 });
    await rig.carrier.send(text);
    const [ours] = rig.posted;
    let theirs: Sent | undefined;
    const Twilio = require('twilio').Twilio as TwilioClient;
    const client = new Twilio(SID, TOKEN, {
      httpClient: {
        async request(sent) {
          theirs = sent;
          return { statusCode: 201, body: { sid: 'SM1' } };
        },
      },
    });
    await client.messages.create({
      from: text.from,
      to: text.to,
      body: text.body.reveal(),
      statusCallback: `${rig.webhookUrl}/status`,
      contentRetention: 'discard',
      addressRetention: 'obfuscate',
      smartEncoded: false,
      validityPeriod: 600,
    });
    const { method, uri, username, password, data } = theirs!;
    expect([method.toUpperCase(), new URL(uri).pathname]).toEqual(['POST', ours?.path]);
    expect(ours?.headers.authorization).toBe(`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
    const written = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, String(value)]));
    expect(Object.fromEntries(new URLSearchParams(ours?.body))).toEqual(written);
    await rig.close();
  });

  it("to Telnyx is what Telnyx's package sends", async () => {
    const rig = await openTelnyx('contract', new Heard(), { messagingProfileId: 'profile-1' });
    await rig.carrier.send(text);
    const Telnyx = require('telnyx').Telnyx as TelnyxClient;
    await new Telnyx({ apiKey: API_KEY, baseURL: `${rig.baseUrl}/v2`, maxRetries: 0 }).messages.send({
      from: text.from,
      to: text.to,
      text: text.body.reveal(),
      type: 'SMS',
      encoding: 'auto',
      webhook_url: `${rig.webhookUrl}/status`,
      use_profile_webhooks: false,
      messaging_profile_id: 'profile-1',
    });
    const [ours, theirs] = rig.posted;
    expect([ours?.path, ours?.headers.authorization]).toEqual([theirs?.path, theirs?.headers.authorization]);
    expect(JSON.parse(ours?.body ?? '')).toEqual(JSON.parse(theirs?.body ?? ''));
    await rig.close();
  });
});
