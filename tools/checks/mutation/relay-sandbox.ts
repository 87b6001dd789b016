import { syncBuiltinESMExports } from "node:module";
import vm from "node:vm";

import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from "@stryker-mutator/api/core";

const { createContext } = vm;

/** Passes the active fault to the sandbox of the relay, which has no globals but those of Freshworks' platform. */
export function shareWithRelay(context: InstrumenterContext): void {
  Object.assign(vm, {
    createContext: (globals: vm.Context = {}, options?: vm.CreateContextOptions) => {
      if ("$request" in globals) {
        globals[INSTRUMENTER_CONSTANTS.NAMESPACE] = context;
      }
      return createContext(globals, options);
    },
  });
  syncBuiltinESMExports();
}
