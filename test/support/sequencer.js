import Sequencer from '@jest/test-sequencer';

/** Begins with the story of the first administrators, who are told of each other once: phones that come later cannot read it. */
const FIRST = 'test/e2e/administrators.test.ts';

/** The same order in every run and on every machine: end-to-end tests share a hospital, so that their order is part of what is tested. */
export default class SameOrder extends Sequencer {
  sort(tests) {
    const place = ({ path }) => (path.endsWith(FIRST) ? '' : path);
    return [...tests].sort((a, b) => (place(a) < place(b) ? -1 : 1));
  }
}
