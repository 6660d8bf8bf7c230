import { OpenRedaction } from 'openredaction';
import type { Detector } from '../score.ts';
import { kindly } from './peer.ts';

/** openredaction 1.1.5 as it comes. */
export function openredaction(): Detector {
  const redactor = new OpenRedaction();
  return {
    name: 'openredaction 1.1.5',
    look: async (sample) => {
      const { detections } = await redactor.detect(sample.text);
      return kindly(
        detections.map(({ position: [start, end], type }) => ({ start, end, rule: type })),
        sample,
      );
    },
  };
}
