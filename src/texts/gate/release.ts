import type { TextToJudge } from './textToJudge.ts';

/** Whether somebody else, who holds a role for it, read the text and let it go. */
export const isReleased = ({ release, policy }: TextToJudge): boolean =>
  release !== null && !release.isAuthor && release.roles.some((role) => policy.releasers.includes(role));
