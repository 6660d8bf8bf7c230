import { jest } from '@jest/globals';
import type { Person } from '../../../src/dev/person.ts';
import { indexOf, post, type Rig, startRig, type TestVoice } from './rig.ts';

jest.setTimeout(120_000);

let rig: Rig;
let voice: TestVoice;
let fenn: Person;

beforeAll(async () => {
  rig = await startRig(['fenn']);
  voice = await rig.voice('nightjar');
  await voice.crypto.start();
  fenn = await rig.person('fenn', { onlySignedDevices: true });
});
afterAll(() => rig?.close());

it('a person whose client excludes unsigned devices reads the voice, and the voice knows them by their signed device', async () => {
  const room = await rig.room(voice, [fenn]);
  const sent = await post(voice, room, [fenn.userId], 'please call back');
  const seen = await fenn.waitFor((event) => event.eventId === sent.eventId);
  expect(seen.content['body']).toBe('please call back');
  expect(sent.readers).toEqual({ [voice.user]: [voice.crypto.deviceId], [fenn.userId]: [fenn.deviceId] });
  expect(await indexOf(sent.content)).toBe(0);
  const reply = await fenn.say(room, 'on my way');
  const opened = await voice.crypto.decrypt(room, await fenn.stored(room, reply));
  expect(opened).toMatchObject({ ok: true, value: { crossSigned: true, senderDevice: fenn.deviceId } });
});
