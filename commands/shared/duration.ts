/** Formats a duration as hours, minutes and seconds: `0:45:00`. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  const parts = [Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const fraction = milliseconds % 1000;
  return [
    Math.floor(seconds / 3600),
    ...parts.map((part) => `:${String(part).padStart(2, "0")}`),
    fraction === 0 ? "" : `.${String(fraction).padStart(3, "0")}`,
  ].join("");
}
