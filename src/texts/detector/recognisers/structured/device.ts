import { matches, type Recogniser } from '../../recogniser.ts';

/** A unique device identifier as GS1, HIBCC and ICCBBA write it (21 CFR 830): the device part is enough. */
const UDI =
  /\(01\)\s?\d{14}(?:\(\d{2}\)[A-Z0-9-]+)*|(?<![A-Z0-9])\+[A-Z][A-Z0-9]{5,22}\/[$A-Z0-9+/]{3,}|=\/[A-Z0-9]{4,}=/gi;
const ANNOUNCED =
  /(?<![a-z])(?:udi|serial|s\/n|lot|device(?: id)?|pump|pacemaker|implant|imei|mac)(?![a-z])[\s:#-]*(?:(?:number|no\.?|num|id|is|#)[\s:#-]*)*(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{4,}(?![A-Za-z0-9])/gi;
const MAC = /(?<![\w:-])[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?![\w:-])/gi;

export const device: Recogniser = {
  rule: 'device',
  kind: 'identifier',
  reads: 'joined',
  *find({ text }) {
    yield* matches(text, UDI);
    yield* matches(text, ANNOUNCED);
    yield* matches(text, MAC);
  },
};
