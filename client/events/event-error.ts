/** One reason why an input is not a valid event. */
export interface EventIssue {
  /** Path of the field, such as `detail.status.id`. */
  readonly path: string;
  readonly message: string;
}

/** The input is not a valid event of the hub. */
export class EventError extends Error {
  override readonly name = "EventError";

  /** All issues; empty if the input could not be read as an event at all. */
  readonly issues: readonly EventIssue[];

  constructor(summary: string, issues: readonly EventIssue[] = []) {
    const details = issues.map(({ path, message }) => `${path || "the event"} ${message}`);
    super([summary, ...(details.length > 0 ? [details.join("; ")] : [])].join(": "));
    this.issues = issues;
  }
}
