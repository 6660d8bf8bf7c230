import { isReservedWord } from '../../src/consent/index.ts';
import { readAnswer } from '../../src/flows/texting/reminderAnswers.ts';

describe('what answers a reminder', () => {
  it.each([
    ['1', 'confirm'],
    [' c. ', 'confirm'],
    ['2', 'reschedule'],
    ['R!', 'reschedule'],
    ['12', null],
    ['yes', null],
    ['1 please', null],
    ['STOP', null],
  ])('%j means %s', (body, answer) => {
    expect(readAnswer(body)).toBe(answer);
    // What carriers take for themselves is no answer.
    if (answer !== null) expect(isReservedWord(body)).toBe(false);
  });
});
