import type { Model } from "./model.ts";
import type { ReceivedEvent } from "./listener.ts";
import { channelNames, type Person, people } from "./story.ts";

const namesById = new Map(
  Object.values(people).map(({ id, name }: Person) => [String(id), name.split(" ")[0] ?? name]),
);

/** Who is available in each channel, a line a channel. */
export function boardLines(model: Model): string[] {
  return Object.entries(channelNames).map(([word, channel]) => {
    const available = [...model.items.values()].flatMap((item) => {
      const channels: unknown = item["channels"];
      const entry: unknown =
        typeof channels === "object" && channels !== null
          ? Reflect.get(channels, channel)
          : undefined;
      const isOpen =
        typeof entry === "object" && entry !== null && Reflect.get(entry, "available") === true;
      return isOpen ? [namesById.get(String(item["availabilityId"])) ?? "?"] : [];
    });
    return `  ${word.padEnd(8)} ${String(available.length).padStart(2)}  ${available.join(", ")}`;
  });
}

/** An event in one line. */
export function eventLine({ "detail-type": type, detail }: ReceivedEvent): string {
  const agent: unknown = detail["agent"];
  const id =
    typeof agent === "object" && agent !== null ? String(Reflect.get(agent, "availabilityId")) : "";
  const status: unknown = detail["status"];
  const name =
    typeof status === "object" && status !== null ? String(Reflect.get(status, "name")) : "";
  const says: Readonly<Record<string, string>> = {
    "Agent Status Changed": name,
    "Agent Channel Availability Changed": `${String(detail["channel"])} ${detail["available"] === true ? "open" : "closed"}`,
  };
  return `          ⇒ ${type}: ${namesById.get(id) ?? id} ${says[type] ?? ""}`.trimEnd();
}
