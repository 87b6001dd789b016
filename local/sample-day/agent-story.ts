/**
 * The `onAgentUpdate` and `onAgentDelete` events of the sample day: logins and logouts in both
 * accounts, availability and profiles in the account without custom statuses, and deletions.
 */
import type { AnyName } from "./people.ts";

/** A change of an agent that is not a change of a status. */
export interface AgentChange {
  readonly at: string;
  readonly who: AnyName;
  /** The agent logs in (true) or out (false). */
  readonly loggedIn?: boolean;
  /** The agent opens or closes the ticket channel: only in an account without custom statuses. */
  readonly available?: boolean;
  readonly name?: string;
  readonly email?: string;
  /** The agent changes the signature, which the hub does not store. */
  readonly signature?: true;
  /** Freshdesk does not disclose the login state. */
  readonly isUndisclosed?: true;
  /** An administrator deletes the agent. */
  readonly isDeleted?: true;
  /** Minutes between the change and the delivery by Freshworks. */
  readonly lateBy?: number;
  /** Number of deliveries by Freshworks. */
  readonly times?: number;
  /** Freshworks never delivers the event. */
  readonly isLost?: true;
}

const logsIn = (who: AnyName, at: string): AgentChange => ({ at, who, loggedIn: true });
const logsOut = (who: AnyName, at: string): AgentChange => ({ at, who, loggedIn: false });

const atAcme: readonly AgentChange[] = [
  logsIn("rachel", "07:58:00"),
  logsIn("omar", "07:59:00"),
  logsIn("zoe", "07:59:30"),
  logsIn("li", "08:00:40"),
  { ...logsIn("priya", "08:03:00"), times: 2 },
  logsIn("tom", "08:04:00"),
  logsIn("dmitri", "08:14:00"),
  logsIn("ines", "09:58:00"),
  logsIn("jonas", "09:59:00"),
  logsIn("aya", "09:59:20"),
  logsIn("ben", "10:01:00"),
  logsIn("carla", "10:29:00"),

  // The relay does not send an edit of a signature, and the hub does not store an undisclosed value.
  { at: "09:00:00", who: "omar", signature: true },
  { at: "10:41:00", who: "zoe", isUndisclosed: true },

  // The logout arrives after the login that followed it.
  { ...logsOut("aya", "12:40:00"), lateBy: 4 },
  logsIn("aya", "12:42:00"),

  // While the hub is unreachable.
  logsOut("li", "13:20:30"),
  logsOut("carla", "13:31:00"),
  logsIn("li", "13:49:00"),
  logsIn("carla", "14:09:00"),

  // Rachel stays, and Dmitri forgets to log out.
  logsOut("omar", "16:32:00"),
  logsOut("zoe", "16:33:00"),
  logsOut("li", "16:34:00"),
  logsOut("priya", "16:35:00"),
  logsOut("tom", "16:36:00"),
  logsOut("ines", "16:37:00"),
  { ...logsOut("jonas", "18:08:00"), isLost: true },
  logsOut("aya", "18:09:00"),
  logsOut("carla", "18:11:00"),

  // Ben is deleted. A login that was raised earlier does not create him again.
  { ...logsIn("ben", "18:19:30"), lateBy: 5 },
  { at: "18:20:00", who: "ben", isDeleted: true },
];

const atBolt: readonly AgentChange[] = [
  { ...logsIn("maria", "08:30:00"), available: true },
  logsIn("kofi", "09:01:00"),
  { at: "09:02:30", who: "kofi", available: true, times: 2 },
  { ...logsIn("lena", "09:15:00"), available: true },
  { ...logsIn("yusuf", "09:30:00"), available: true },
  { at: "10:10:00", who: "maria", signature: true },
  { at: "11:35:00", who: "lena", name: "Lena Vogel", email: "lena.vogel@bolt.example" },

  { at: "12:00:30", who: "maria", available: false },
  { at: "12:31:30", who: "maria", available: true },
  // The break arrives after its end.
  { at: "12:10:00", who: "yusuf", available: false, lateBy: 31 },
  { at: "12:40:30", who: "yusuf", available: true },

  // While the hub is unreachable.
  { at: "13:25:30", who: "kofi", available: false },
  { ...logsOut("kofi", "13:27:00") },
  { ...logsIn("kofi", "13:44:00"), available: true },

  // Yusuf is deleted. An update that was raised earlier does not create him again.
  { at: "15:38:00", who: "yusuf", available: false, lateBy: 7 },
  { at: "15:40:00", who: "yusuf", isDeleted: true, times: 2 },

  { ...logsOut("maria", "17:00:00"), available: false },
  { ...logsOut("lena", "17:10:00"), available: false },
  // Kofi stays available after his logout. The hub does not learn that he closes tickets later.
  logsOut("kofi", "17:15:00"),
  { at: "17:30:00", who: "kofi", available: false, isLost: true },
];

export const agentChanges: readonly AgentChange[] = [...atAcme, ...atBolt];
