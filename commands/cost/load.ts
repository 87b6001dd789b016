/** The load of a stage in a month. */
export interface Load {
  readonly agents: number;
  /** Per agent and working day. */
  readonly changes: number;
  /** Per change, on average. */
  readonly events: number;
  /** Channels that open or close per change, on average. */
  readonly flips: number;
  /** Working days per month. */
  readonly days: number;
}
