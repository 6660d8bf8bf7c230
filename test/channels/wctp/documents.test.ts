/** The documents of docs/wctp, which the README's first ten minutes of an operator are made of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGateway } from '../../../src/channels/wctp/index.ts';
import { checkout } from '../../../src/dev/checkout.ts';
import type { WctpApi, WctpTicket } from '../../../src/flows/wctpPort.ts';
import { realClock } from '../../../src/kernel/clock.ts';
import { loadConfig } from '../../../src/server/config/index.ts';
import { wctpSettings } from '../../../src/server/wctp.ts';

const document = (name: string) => readFileSync(join(checkout, 'docs/wctp', name));

it('a console of docs/wctp may submit its page, which is read without an oddity, and fetch what goes back', async () => {
  const files = ['config/wardroom.yaml', 'config/dispatch.yaml', 'docs/wctp/console.yaml'];
  const config = loadConfig(files.map((name) => join(checkout, name)));
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  const asked: string[] = [];
  const taken: WctpTicket[] = [];
  const api: Partial<WctpApi> = {
    submit: async (service, ticket) => {
      asked.push(`submit ${service}`);
      taken.push(ticket);
      return { kind: 'accepted', externalId: 'K', trackingNumber: null, duplicate: false };
    },
    poll: async (service, pollerId) => {
      asked.push(`poll ${service} ${pollerId}`);
      return [];
    },
  };
  const notes: string[] = [];
  const gateway = createGateway({
    ...wctpSettings(config.value),
    api: api as WctpApi,
    clock: realClock,
    onNotes: (_service, odd) => notes.push(...odd),
    onFailure: (error) => {
      throw error;
    },
  });
  expect(await gateway(document('page.xml'), null, '127.0.0.1')).toContain('successCode="200"');
  expect(await gateway(document('poll.xml'), null, '127.0.0.1')).toContain('wctp-PollResponse');
  expect(asked).toEqual(['submit kestrel', 'poll kestrel kestrel-ops']);
  expect(notes).toEqual([]);
  expect(taken[0]).toMatchObject({ account: 'MARLOW-CARD', messageId: 'K-1001-1' });
  expect(taken[0]?.document.reveal()).toMatchObject({ patient: { name: 'Ina Vossler' }, urgency: 'STAT' });
});
