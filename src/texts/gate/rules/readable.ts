import { block, fine, type GateRule } from '../gateRule.ts';

/** What could not be read is not sent. */
export const readable: GateRule = {
  name: 'content-known',
  regulation: '45 CFR 164.530(c)',
  check: ({ text }, contentClass) => [
    ...(contentClass === null ? block('content-unknown', 'It could not be told what the text holds.') : fine),
    ...(text.trim() === '' ? block('empty', 'There is no text.') : fine),
  ],
};
