import { matches, type Recogniser } from '../../recogniser.ts';

/** Coordinates fine enough to name a house. */
export const coordinates: Recogniser = {
  rule: 'coordinates',
  kind: 'identifier',
  reads: 'plain',
  find: ({ text }) => matches(text, /(?<![\d.])-?\d{1,3}\.\d{3,}\s?[,;/ ]\s?-?\d{1,3}\.\d{3,}(?!\d)/g),
};
