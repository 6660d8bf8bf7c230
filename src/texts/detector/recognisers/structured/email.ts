import { matches, type Recogniser } from '../../recogniser.ts';

const PLAIN = /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g;
const AT = '(?:\\s*@\\s*|\\s*[([{]\\s*at\\s*[)\\]}]\\s*|\\s+at\\s+|\\s+arroba\\s+)';
const DOT = '(?:\\s*\\.\\s*|\\s*[([{]\\s*dot\\s*[)\\]}]\\s*|\\s+dot\\s+|\\s+punto\\s+)';
const ENDS = '(?:com|org|net|edu|gov|us|me|io|co|info|example|test)';
/** `rosa at mail dot example`, `rosa (at) mail.example`. */
const SPELT = new RegExp(
  `(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}${AT}[A-Za-z0-9-]+${DOT}${ENDS}(?![A-Za-z])`,
  'gi',
);

export const email: Recogniser = {
  rule: 'email',
  kind: 'identifier',
  reads: 'joined',
  *find({ text }, { ownHosts }) {
    const foreign = ([match]: RegExpExecArray) =>
      !ownHosts.some(
        (host) =>
          match.toLowerCase().endsWith(`@${host}`) &&
          /^(?:info|office|help|contact|frontdesk|appointments|billing)@/i.test(match),
      );
    yield* matches(text, PLAIN, foreign);
    yield* matches(text, SPELT, (match) => foreign(match) && !/^\S+ at \S+$/i.test(match[0]));
  },
};
