/**
 * For mutation tests only: hands the mutants' switch into the relay's sandbox, which has no globals but
 * those of Freshworks' platform.
 */
const vm = require("node:vm");

const createContext = vm.createContext.original ?? vm.createContext;

vm.createContext = Object.assign(
  (globals, ...more) => {
    const { __stryker__: mutants } = globalThis;
    if (mutants && globals && "$request" in globals) {
      mutants.activeMutant ??= process.env.__STRYKER_ACTIVE_MUTANT__;
      globals.__stryker__ = mutants;
    }
    return createContext(globals, ...more);
  },
  { original: createContext },
);
