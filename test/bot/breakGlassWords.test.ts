import fc from 'fast-check';
import { breakGlassWording } from '../../src/bot/index.ts';
import { userId } from '../../src/kernel/ids.ts';
import { Phi } from '../../src/kernel/phi.ts';

const ash = userId('@ash:example');
const about = { use: 'BG-1', roomName: '4 West 2', until: Date.parse('2026-11-28T10:30:00Z') };
const sentAt = Date.parse('2026-11-28T10:00:05Z');
const bodies = (messages: Parameters<typeof breakGlassWording.transcript>[0]) =>
  breakGlassWording.transcript(messages, about).map((one) => String(one.reveal().body));

it('a transcript names sender, time and files, and says what could not be opened', () => {
  const [intro, text] = bodies([
    { sender: ash, sentAt, text: new Phi('potassium 6.9') },
    { sender: ash, sentAt, text: new Phi('6.1'), isEdit: true },
    { sender: ash, sentAt, text: new Phi(''), attachment: new Phi('ecg.pdf') },
    { sender: ash, sentAt, text: null },
  ]);
  expect(intro).toContain('1 of them could not be opened');
  expect(text?.split('\n')).toEqual([
    '2026-11-28 10:00:05 @ash:example: potassium 6.9',
    '2026-11-28 10:00:05 @ash:example: [edited] 6.1',
    '2026-11-28 10:00:05 @ash:example: [file: ecg.pdf]',
    '2026-11-28 10:00:05 @ash:example: [could not be opened]',
  ]);
});

it('every piece fits into an event once it is encrypted, whatever was written, and nothing is lost', () => {
  const written = fc.string({ unit: 'binary', maxLength: 200 }).map((text) => text.repeat(300));
  fc.assert(
    fc.property(fc.array(written, { maxLength: 8 }), (texts) => {
      const all = bodies(texts.map((text) => ({ sender: ash, sentAt, text: new Phi(text) })));
      for (const body of all) expect(Buffer.byteLength(JSON.stringify({ body }))).toBeLessThan(40_000);
      const joined = all.slice(1).join('').replaceAll('\n', '');
      for (const text of texts) expect(joined).toContain(text.replaceAll('\n', ''));
    }),
    { numRuns: 50 },
  );
});
