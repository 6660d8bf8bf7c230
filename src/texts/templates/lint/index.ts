/** The explicit list: what a template must be is one file and one line here. */
import type { LintRule } from '../lintRule.ts';
import { firstMessage } from './firstMessage.ts';
import { length } from './length.ts';
import { noReplies } from './noReplies.ts';
import { reserved } from './reserved.ts';
import { reveals } from './reveals.ts';
import { selling } from './selling.ts';
import { sender } from './sender.ts';
import { slotsFit } from './slotsFit.ts';

export const lintRules: readonly LintRule[] = [
  slotsFit,
  sender,
  firstMessage,
  reserved,
  noReplies,
  length,
  reveals,
  selling,
];
