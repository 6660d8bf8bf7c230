import express from 'express';
import { type CarrierEvents, carrierName } from '../../../src/flows/texting/carrierPort.ts';
import { listen } from '../../../src/server/listeners.ts';
import { createLocalCarrier } from '../../../src/sms/local/index.ts';
import { type CarrierRig, describeCarrier, type Handed, type PeerMood } from '../../contracts/carrier.ts';
import { inboundParameters } from '../twilio/words.ts';

const doing = (mood: PeerMood): object => {
  switch (mood) {
    case 'away':
    case 'throttle':
      return { do: 'throttle', afterMs: 0 };
    case 'bad-number':
    case 'opted-out':
      return { do: 'refuse', code: mood };
    case 'take':
      return { do: 'take', reports: 0 };
    default:
      return { do: 'lose' };
  }
};

interface Shown {
  readonly direction: 'in' | 'out';
  readonly line: string;
  readonly body: string;
}

/** The page's own routes, as the page and the tests of others use them. */
async function open(name: string, events: CarrierEvents): Promise<CarrierRig> {
  const carrier = createLocalCarrier(
    { name: carrierName(name), clock: { now: Date.now }, lines: ['+12125550100'], onFailure: () => undefined },
    events,
  );
  const listener = await listen(express().use('/sms/local', carrier.router), { host: '127.0.0.1', port: 0 });
  const url = `${listener.url}/sms/local`;
  const post = (path: string, document: unknown) =>
    fetch(`${url}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(document),
    });
  const handed: Handed[] = [];
  const rig: CarrierRig = {
    carrier: {
      ...carrier,
      async send(text) {
        const before = await shown(url, text.to);
        const handOver = await carrier.send(text);
        const after = await shown(url, text.to);
        for (const { line, body } of after.slice(before.length)) handed.push({ from: line, to: text.to, body });
        return handOver;
      },
    },
    async mood(mood) {
      await post('behaviour', Array(1_000).fill(doing(mood)));
    },
    handed: () => handed,
    async phoneWrites({ id, from, to, body }) {
      const form = inboundParameters({ MessageSid: id, From: from, To: to, Body: body });
      const answer = await fetch(`${url}/inbound`, {
        method: 'POST',
        body: new URLSearchParams(form as Record<string, string>),
      });
      return answer.ok;
    },
    report: async (id, state) => (await post('report', { id, state })).ok,
    close: () => listener.stop(1_000),
  };
  await rig.mood('take');
  return rig;
}

async function shown(url: string, phone: string): Promise<readonly Shown[]> {
  const answer = await fetch(`${url}/texts?phone=${encodeURIComponent(phone)}`);
  const { texts } = (await answer.json()) as { texts: readonly Shown[] };
  return texts.filter(({ direction }) => direction === 'in');
}

describeCarrier('of the embedded hospital', { moods: ['throttle', 'bad-number', 'opted-out'], open });

describe('the page of a telephone', () => {
  it('loads nothing from elsewhere, and runs nothing but what is its own', async () => {
    const events = { received: async () => undefined, reported: async () => undefined };
    const carrier = createLocalCarrier(
      { name: carrierName('local'), clock: { now: Date.now }, lines: ['+12125550100'], onFailure: () => undefined },
      events,
    );
    const listener = await listen(express().use('/sms/local', carrier.router), { host: '127.0.0.1', port: 0 });
    const answer = await fetch(`${listener.url}/sms/local/phone`);
    const html = await answer.text();
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(html).not.toMatch(/(src|href|action)=/);
    expect(html).toContain('<option>+12125550100</option>');
    await listener.stop(1_000);
  });

  it('takes what a telephone writes as JSON, once written down, and shows it', async () => {
    const heard: string[] = [];
    const carrier = createLocalCarrier(
      { name: carrierName('local'), clock: { now: Date.now }, lines: [], onFailure: () => undefined },
      {
        received: async (_carrier, { body, carrierId }) => void heard.push(`${carrierId} ${body.reveal()}`),
        reported: async () => undefined,
      },
    );
    const listener = await listen(express().use('/sms/local', carrier.router), { host: '127.0.0.1', port: 0 });
    const post = async (document: unknown) =>
      (
        await fetch(`${listener.url}/sms/local/inbound`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(document),
        })
      ).status;
    expect(await post({ from: '+12125550142', to: '+12125550100', body: 'hello', id: 'a-1' })).toBe(200);
    expect(await post({ from: '555-0142', to: '+12125550100', body: 'hello' })).toBe(400);
    expect(heard).toEqual(['a-1 hello']);
    const answer = await fetch(`${listener.url}/sms/local/texts?phone=%2B12125550142`);
    expect(await answer.json()).toMatchObject({
      texts: [{ id: 'a-1', direction: 'out', line: '+12125550100', body: 'hello' }],
    });
    await listener.stop(1_000);
  });
});
