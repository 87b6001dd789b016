import { statSync } from "node:fs";

const isJourney = ({ path }) => path.includes("/test/journey/");

/**
 * Starts the slowest test files first, so that none is left to run alone at the end: journeys, then the largest
 * files. Jest's own order needs the times of an earlier run, which a clean clone does not have.
 */
export default class JourneysFirst {
  sort(tests) {
    const sized = tests.map((test) => ({ test, size: statSync(test.path).size }));
    return sized
      .toSorted(
        (one, other) =>
          Number(isJourney(other.test)) - Number(isJourney(one.test)) || other.size - one.size,
      )
      .map(({ test }) => test);
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {
    // The order does not depend on earlier results.
  }
}
