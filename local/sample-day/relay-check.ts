import { isAgentPayload } from "./expected-agent-event.ts";
import { asObject } from "./json.ts";

/** The fields of an agent that the hub stores. */
const STORED_FIELDS = ["logged_in", "available", "email", "name"];

/** Personal data of agents that the hub does not read. */
const UNREAD_FIELDS = /current_login_ip|mobile|phone|privileges|second_email|signature/;

/** Returns whether an update changes nothing that the hub stores, so that the relay must not send it. */
export function mustBeDropped(payload: object): boolean {
  const { event, data } = asObject(payload);
  const groups = Object.values(asObject(asObject(data)["changes"])).map(asObject);
  return (
    event === "onAgentUpdate" &&
    !groups.some((group) => STORED_FIELDS.some((name) => name in group))
  );
}

/** Describes sent content that the relay must drop: an update of a profile, or personal data. */
export function problemsOfSent(sent: object, raised: object): string[] {
  const text = JSON.stringify(sent);
  return [
    ...(mustBeDropped(raised) ? [`the relay sent an update of a profile: ${text}`] : []),
    ...(isAgentPayload(sent) && UNREAD_FIELDS.test(text)
      ? [`the relay sent personal data: ${text}`]
      : []),
  ];
}
