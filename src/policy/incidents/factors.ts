/** The four factors of the risk assessment (45 CFR 164.402, definition of "breach", paragraph (2)). */
export const factors = [
  {
    name: 'information',
    title: 'The information',
    asks: 'Nature and extent of the health information, with the kinds of identifiers and how likely people are recognised by it',
    cite: '45 CFR 164.402(2)(i)',
  },
  {
    name: 'recipient',
    title: 'The recipient',
    asks: 'The unauthorised person who used it or to whom it was disclosed',
    cite: '45 CFR 164.402(2)(ii)',
  },
  {
    name: 'acquired',
    title: 'Acquired or viewed',
    asks: 'Whether it was actually acquired or viewed',
    cite: '45 CFR 164.402(2)(iii)',
  },
  {
    name: 'mitigated',
    title: 'Mitigation',
    asks: 'How far the risk has been mitigated: low means that it has been, high that it has not',
    cite: '45 CFR 164.402(2)(iv)',
  },
] as const;

export type Factor = (typeof factors)[number]['name'];

/** How much risk a factor leaves that the information was compromised. */
export const levels = ['low', 'medium', 'high'] as const;
export type Level = (typeof levels)[number];
