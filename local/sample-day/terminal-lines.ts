import { object } from "./json.ts";
import type { ReceivedEvent } from "./listener.ts";
import type { ReferenceModel } from "./reference-model.ts";
import { channelNames, people, type Person } from "./story.ts";

const firstNames = new Map(
  Object.values(people).map(({ id, name }: Person) => [String(id), name.split(" ")[0] ?? name]),
);

const textIn = (value: unknown) => (typeof value === "string" ? value : "");

/** Returns a line per channel with the agents who are available there. */
export function availabilityLines(model: ReferenceModel): string[] {
  return Object.entries(channelNames).map(([label, channel]) => {
    const available = [...model.items.values()]
      .filter((item) => object(object(item["channels"])[channel])["available"] === true)
      .map((item) => firstNames.get(String(item["availabilityId"])) ?? "?");
    return `  ${label.padEnd(8)} ${String(available.length).padStart(2)}  ${available.join(", ")}`;
  });
}

/** Returns a line that describes an event. */
export function eventLine({ "detail-type": type, detail }: ReceivedEvent): string {
  const id = textIn(object(detail["agent"])["availabilityId"]);
  const descriptions: Readonly<Record<string, string>> = {
    "Agent Status Changed": textIn(object(detail["status"])["name"]),
    "Agent Channel Availability Changed": `${String(detail["channel"])} ${detail["available"] === true ? "open" : "closed"}`,
  };
  return `          ⇒ ${type}: ${firstNames.get(id) ?? id} ${descriptions[type] ?? ""}`.trimEnd();
}
