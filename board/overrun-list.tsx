import { type Limit, overrunText } from "./alerts.ts";
import { displayName, statusLabel } from "./format.ts";

const MAX_OVERRUNS = 3;

/** The agents over a limit, longest first. For the wallboard, which has no table of agents. */
export function OverrunList({ overruns, now }: { overruns: readonly Limit[]; now: number }) {
  const more = overruns.length - MAX_OVERRUNS;
  return (
    <ul class="overruns" aria-label="Agents over a limit">
      {overruns.slice(0, MAX_OVERRUNS).map((limit) => (
        <li key={limit.agent.id}>
          <span aria-hidden="true">⚠ </span>
          <span dir="auto">{displayName(limit.agent)}</span>:{" "}
          <span dir="auto">{statusLabel(limit.agent)}</span>, {overrunText(limit, now)}
        </li>
      ))}
      {more > 0 && <li>and {more} more</li>}
    </ul>
  );
}
