/** Formats a number and the noun that it counts, such as `1 agent` or `1,500 agents`. */
export function formatCount(number: number, singular: string, plural = `${singular}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? singular : plural}`;
}
