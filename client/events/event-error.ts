/** One thing that is wrong with an event. */
export interface EventIssue {
  /** Where, such as `detail.status.id`. */
  readonly path: string;
  readonly message: string;
}

/** What was handed over is no event of the hub. */
export class EventError extends Error {
  override readonly name = "EventError";

  /** All that is wrong; empty where there was nothing to look into. */
  readonly issues: readonly EventIssue[];

  constructor(sentence: string, issues: readonly EventIssue[] = []) {
    const told = issues.map(({ path, message }) => `${path || "it"}: ${message}`).join("; ");
    super(told === "" ? sentence : `${sentence}: ${told}`);
    this.issues = issues;
  }
}
