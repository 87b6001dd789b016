import { statSync } from "node:fs";

const slowness = ({ path }) =>
  path.includes("/test/journey/") ? 2 : Number(path.endsWith(".integration.test.ts"));

/**
 * Starts the slowest test files first, so that none is left to run alone at the end: journeys, then integration
 * tests, then the largest files. Jest's own order needs the times of an earlier run, which a clean clone does not
 * have.
 */
export default class SlowestFirst {
  sort(tests) {
    const sized = tests.map((test) => ({ test, size: statSync(test.path).size }));
    return sized
      .toSorted((one, other) => slowness(other.test) - slowness(one.test) || other.size - one.size)
      .map(({ test }) => test);
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {
    // The order does not depend on earlier results.
  }
}
