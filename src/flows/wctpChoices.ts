import type { Phi } from '../kernel/phi.ts';
import type { WctpChoice } from './wctpPort.ts';

/** What answering services call the choice by which somebody takes a ticket (data: timelines.yaml, `mcr_choice`). */
const ACCEPTING = /^(?:calling(?: now| back)?|accept(?:ed)?|ack(?:nowledged?)?|ok(?:ay)?|on it)[.!]?$/i;

const plain = (text: string): string => text.trim().replace(/[.!]$/, '').replace(/\s+/g, ' ').toLowerCase();

/** Which of the choices of an MCR somebody wrote, as the whole of a text; null when it is none. */
export function chosen(choices: readonly WctpChoice[], written: Phi<string>): WctpChoice | null {
  const words = plain(written.reveal());
  return words === '' ? null : (choices.find(({ send }) => plain(send) === words) ?? null);
}

/** Whether who makes this choice takes the ticket: by the choice's words, or by what goes back for it. */
export const accepts = ({ send, reply }: WctpChoice): boolean =>
  ACCEPTING.test(plain(send)) || (reply !== null && ACCEPTING.test(plain(reply)));

/** Whether words are such a choice where a ticket offers it. */
export const mayAccept = (words: string): boolean => ACCEPTING.test(plain(words));

/** Choices whose words may stand in a reaction, which nobody encrypts: they say nothing of anybody. */
const PLAIN_WORDS: ReadonlySet<string> = new Set(['calling now', 'accept', 'send to backup', 'reject']);

/** The choices that clinicians can be offered to tap. */
export const offerable = (choices: readonly WctpChoice[]): readonly string[] => [
  ...new Set(choices.map(({ send }) => send.trim()).filter((send) => PLAIN_WORDS.has(send.toLowerCase()))),
];
