import type { TextLine } from './textingFlow.ts';

/** What a line says by itself: who it is, whom to call, how to stop; nothing about a patient (law.md 5). */
export function wordsOfLine(
  { practice, callBack }: Pick<TextLine, 'practice' | 'callBack'>,
  said: 'stopped' | 'started' | 'help' | 'notice',
): string {
  const call = national(callBack);
  switch (said) {
    case 'stopped':
      return `${practice}: you get no more texts from us. Questions? Call ${call}.`;
    case 'started':
      return `${practice}: texts are on again. Msg&data rates may apply. Reply HELP for help, STOP to end.`;
    case 'help':
      return `${practice}: for help call ${call}. In an emergency call 911. Msg&data rates may apply. Reply STOP to end texts.`;
    case 'notice':
      return `You have a message from ${practice}. Call ${call}.`;
  }
}

/** As people here write it: 212-555-0100. */
const national = (number: string): string => number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, '$1-$2-$3');
