/**
 * Aborts at Ctrl-C, or when the process is asked to end. The second time is nobody's to catch: it ends the
 * process at once.
 */
export function interruption(tell: () => void = () => undefined): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      tell();
      controller.abort();
    });
  }
  return controller.signal;
}
