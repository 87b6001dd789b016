import { Listr, PRESET_TIMER } from "listr2";

/**
 * Shows a step with its title and duration, on a terminal with a spinner.
 *
 * @throws the error of the step, which the program prints when it ends.
 */
export async function showStep<Result>(title: string, run: () => Promise<Result>): Promise<Result> {
  const step = Promise.withResolvers<Result>();
  const task = async () => {
    try {
      step.resolve(await run());
    } catch (error) {
      step.reject(error);
      throw new Error("see below", { cause: error });
    }
  };
  const list = new Listr([{ title, task }], {
    renderer: process.stdout.isTTY ? "default" : "simple",
    rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false },
    registerSignalListeners: false,
  });
  const [, result] = await Promise.allSettled([list.run(), step.promise]);
  if (result.status === "rejected") {
    throw result.reason;
  }
  return result.value;
}
