const { default: Sequencer } = require('@jest/test-sequencer');

/** Started last, these would run alone while the other workers have nothing left to do. */
const LONGEST = [
  /faults\/faults-.*\.spec/,
  /e2e\/alerts\.spec/,
  /e2e\/desk\.spec/,
  /e2e\/cli.*\.spec/,
  /contract\/queue/,
];

/** Longest first, as far as that is known; the others as Jest has it. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const placeOf = ({ path }) => {
      const place = LONGEST.findIndex((pattern) => pattern.test(path));
      return place < 0 ? LONGEST.length : place;
    };
    return super.sort(tests).sort((a, b) => placeOf(a) - placeOf(b));
  }
};
