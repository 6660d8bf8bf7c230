import { personKey, userId } from '../../src/kernel/ids.ts';
import { personMeant } from '../../src/tickets/personMeant.ts';

const people = ['dr.fenn', 'dr.tolliver', 'dr.vantongeren', 'np.quist', 'rn.müller', 'dr.li'].map((key, index) => ({
  person: personKey(key),
  userId: userId(`@user${index}:larkmoor.example`),
}));

describe('somebody who is asked for by name', () => {
  it.each([
    ['Dr Bram Tolliver', 'dr.tolliver'],
    ['FENN', 'dr.fenn'],
    ['Dr. van Tongeren, please', 'dr.vantongeren'],
    ['Suri VanTongeren', 'dr.vantongeren'],
    ['nurse Muller', 'rn.müller'],
    ['np.quist', 'np.quist'],
    ['@user0:larkmoor.example', 'dr.fenn'],
    // A key counts as it is; two letters are too few to guess by.
    ['dr.li', 'dr.li'],
  ])('is found: %s', (name, key) => {
    expect(personMeant(name, people)?.person).toBe(key);
  });

  it.each([
    'on-call cardiology',
    'any',
    'front desk',
    '',
    'Dr Fenn or Dr Tolliver',
    'Dr Fennimore',
    'Dr Li',
    '🩺',
    'constructor',
  ])('is not guessed: %s', (name) => {
    expect(personMeant(name, people)).toBeNull();
  });

  it('costs little, however long the name is', () => {
    const started = performance.now();
    expect(personMeant('van '.repeat(20_000), people)).toBeNull();
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
