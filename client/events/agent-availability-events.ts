/** The hub's events for consumers: types, a parser, and a builder for tests. */
export {
  type DetailOf,
  type DetailType,
  detailTypes,
  type Metadata,
} from "../../functions/availability/catalogue.ts";
export { SOURCE } from "../../functions/availability/typed-event.ts";
export { anEvent, type PartOf } from "./an-event.ts";
export type { AgentAvailabilityEvent, Envelope, EventOf } from "./event.ts";
export { EventError, type EventIssue } from "./event-error.ts";
export { type ParsedEvent, parseEvent } from "./parse-event.ts";
