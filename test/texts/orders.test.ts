import { looksLikeOrder, orderRefusal, segmentsOf } from '../../src/texts/index.ts';

describe('an order by text', () => {
  it.each([
    'Start lisinopril 10 mg daily',
    'please give 2 mg morphine IV now',
    'OK to give tylenol 650 q6h prn',
    'D/C foley in am',
    'Increase metformin to 1000mg BID',
    'hold warfarin tonight, recheck INR in am',
    'Verbal order: heparin drip per protocol',
    'NPO after midnight. Order CBC and BMP',
    'Admit to telemetry, repeat troponin q6h',
    'Got it. Discontinue vancomycin.',
    'transfuse 2 units of blood',
    'T.O. Dr Amsel: ativan 1 mg po x1',
    'refill oxycodone #30',
    'start l1sinopril 1 0 mg',
  ])('is recognised: %s', (text) => {
    expect(looksLikeOrder(text)).toBe(true);
  });

  it.each([
    'Can I take 10 mg of lisinopril twice a day?',
    'I started metformin on Monday and feel sick',
    'Should I stop warfarin before the procedure?',
    'please refill my lisinopril',
    'Please call me',
    'ok',
    '2 ok',
    'STOP',
    'Start',
    'In order to get there on time, which bus is best?',
    'Please send me the form',
    'Hold on, running late',
    'My mom needs her insulin',
  ])('is not what a patient writes: %s', (text) => {
    expect(looksLikeOrder(text)).toBe(false);
  });

  it('is answered in one text that says what to do instead', () => {
    const answer = orderRefusal('Lark Street Clinic', '212-555-0100');
    expect(answer).toContain('not taken');
    expect(segmentsOf(answer).parts).toHaveLength(1);
  });
});
