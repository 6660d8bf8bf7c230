import { matches, type Recogniser } from '../../recogniser.ts';
import { isVin } from './checks.ts';

const ANNOUNCED_VIN =
  /(?<![a-z])vin(?![a-z])[^A-Za-z0-9\n]{0,4}(?:(?:number|no|num|is)[^A-Za-z0-9\n]{0,3})*[A-HJ-NPR-Z0-9]{11,17}(?![A-Z0-9])/gi;
const PLATE =
  /(?<![a-z])(?:licen[cs]e plate|plate|tag|placa)s?(?![a-z])(?:[\s:#-]|number|no\.?|is|are|[A-Z]{2}(?=\s))*\s?(?=[A-Z0-9 -]*\d)[A-Z0-9]{1,4}[\s-]?[A-Z0-9]{2,5}(?![A-Za-z0-9])/gi;

export const vin: Recogniser = {
  rule: 'vin',
  kind: 'identifier',
  reads: 'joined',
  *find({ text }) {
    yield* matches(text, /(?<![A-Za-z0-9])[A-HJ-NPR-Z0-9]{17}(?![A-Za-z0-9])/gi, ([match]) => isVin(match));
    yield* matches(text, ANNOUNCED_VIN);
  },
};

export const plate: Recogniser = {
  rule: 'plate',
  kind: 'identifier',
  reads: 'joined',
  find: ({ text }) => matches(text, PLATE),
};
