import { Listr, PRESET_TIMER } from "listr2";

/** Runs one step under its title, with a spinner where there is a terminal, and says how long it took. */
export async function showStep<Result>(title: string, run: () => Promise<Result>): Promise<Result> {
  const results: Result[] = [];
  const task = async () => {
    results.push(await run());
  };
  const list = new Listr([{ title, task }], {
    renderer: process.stdout.isTTY ? "default" : "simple",
    rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false },
    registerSignalListeners: false,
    exitOnError: true,
  });
  await list.run();
  for (const result of results) {
    return result;
  }
  throw new Error(`the step "${title}" ended without a result`);
}
