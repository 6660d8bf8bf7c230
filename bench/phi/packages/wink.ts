import model from 'wink-eng-lite-web-model';
import winkNLP, { type ItemEntity } from 'wink-nlp';
import type { Detector } from '../score.ts';
import { kindly, located } from './peer.ts';

/** wink-nlp 2.4.0 with wink-eng-lite-web-model 1.8.1: all of its entities. */
export function wink(): Detector {
  const nlp = winkNLP(model);
  const { value, type } = nlp.its;
  return {
    name: 'wink-nlp 2.4.0',
    look: (sample) => {
      const words: { text: string; rule: string }[] = [];
      nlp
        .readDoc(sample.text)
        .entities()
        .each(
          (entity: ItemEntity) => void words.push({ text: String(entity.out(value)), rule: String(entity.out(type)) }),
        );
      return kindly(located(sample.text, words), sample);
    },
  };
}
