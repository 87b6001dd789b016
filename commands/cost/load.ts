/** What a stage has to do in a month. */
export interface Load {
  readonly agents: number;
  /** Of each agent, a working day. */
  readonly changes: number;
  /** Of each change, on average. */
  readonly events: number;
  /** Channels that open or close with a change, on average. */
  readonly flips: number;
  /** Working days a month. */
  readonly days: number;
}
