/** Returns the lower quartile, which other work on the machine affects least: it only ever adds time. */
export function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 4)] ?? Number.NaN;
}
