/** All events that a rule can select. */
export const eventNames = [
  "Agent Availability Changed",
  "Agent Status Changed",
  "Agent Channel Availability Changed",
  "Agent Login Changed",
  "Agent Removed",
  "Agent Status Overrun",
  "Channel Coverage Changed",
] as const;

export const changedParts = ["status", "loggedIn", "channels", "profile"] as const;

export const removalReasons = ["item-deleted", "forgotten", "deleted", "merged"] as const;
