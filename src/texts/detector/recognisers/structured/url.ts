import { matches, type Recogniser } from '../../recogniser.ts';

const ENDS =
  'com|org|net|edu|gov|mil|io|co|us|uk|ca|mx|info|biz|me|ly|gl|gg|app|dev|xyz|site|online|health|clinic|care|doctor|hospital|med|link|page|cloud|ai|tv|cc|to|ws|example|test';
const URLS = new RegExp(
  `(?:https?:\\/\\/|www\\.)[^\\s<>"]+|(?<![\\w@.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)+(?:${ENDS})(?![\\w-])(?:[/?#][^\\s<>"]*)?`,
  'gi',
);

/** Addresses of the web, except those of the practice's own hosts that hold no query. A "word.Co" without a space after the full stop is none. */
export const url: Recogniser = {
  rule: 'url',
  kind: 'identifier',
  reads: 'plain',
  find: ({ text }, { ownHosts }) =>
    matches(text, URLS, ([match]) => {
      const bare = match.replace(/[.,;:!)]+$/, '');
      const [, host = ''] = /^(?:https?:\/\/)?([^/?#\s]+)/i.exec(bare) ?? [];
      const name = host.toLowerCase().replace(/^www\./, '');
      const isOwn = ownHosts.some((own) => own.toLowerCase() === host.toLowerCase() || own.toLowerCase() === name);
      return !(isOwn && !/[?#]/.test(bare));
    }),
};
