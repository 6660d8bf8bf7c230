import type { SlotType } from '../slot.ts';

const LONGEST = 40;

/** No query and no fragment: what follows `?` may name the patient. A host that is not the practice's may be anybody's. */
export const link: SlotType = {
  name: 'link',
  what: `an https address at one of the practice's own hosts, without a query, at most ${LONGEST} characters`,
  write: (value, { linkHosts }) => {
    if (value.length > LONGEST || !URL.canParse(value)) return null;
    const { protocol, hostname, username, password, port, search, hash, href } = new URL(value);
    const plain =
      protocol === 'https:' && `${username}${password}${port}${search}${hash}` === '' && !/[?#]/.test(value);
    return plain && linkHosts.includes(hostname) ? href : null;
  },
  longest: ({ linkHosts: [host = 'lark.example'] }) => `https://${host}/k7x2m9qd`,
};
