import { describe, expect, it } from "@jest/globals";

import { type Moment, momentsBefore } from "../../../local/sample-day/moments.ts";

const moments = momentsBefore(new Date());

/** A payload of `onAgentAvailabilityUpdate`, as far as these tests read it. */
interface Payload {
  readonly data: {
    readonly agent_availability: {
      readonly id: number | string;
      readonly channel_availability: readonly { readonly available: unknown }[];
    };
    readonly associations: { readonly status: { readonly name: string } };
  };
}

/** The latest availability of each agent at Acme after the given moments. */
function latest(played: readonly Moment[]): Map<string, Payload["data"]> {
  return new Map(
    played.flatMap((moment): [string, Payload["data"]][] => {
      if (moment.kind !== "delivery" || moment.event !== "onAgentAvailabilityUpdate") {
        return [];
      }
      const { data } = moment.payload as Payload;
      return [[String(data.agent_availability.id), data]];
    }),
  );
}

const RACHEL = "787001";

describe("the chapters of the sample day", () => {
  it("are each followed by a delivery or an incident", () => {
    const kinds = moments.map(({ kind }) => kind);

    expect(kinds[0]).toBe("chapter");
    expect(kinds.at(-1)).not.toBe("chapter");
    expect(kinds.join(" ")).not.toContain("chapter chapter");
  });

  it("show four agents at lunch, one of them Rachel, when Lunch begins", () => {
    const begin = moments.findIndex(
      (moment) => moment.kind === "chapter" && moment.chapter.title === "Lunch",
    );
    const atLunch = [...latest(moments.slice(0, begin))]
      .filter(([, data]) => data.associations.status.name === "Lunch")
      .map(([id]) => id);

    expect(atLunch).toHaveLength(4);
    expect(atLunch).toContain(RACHEL);
  });

  it("leave Rachel available on every channel", () => {
    const rachel = latest(moments).get(RACHEL);

    expect(rachel?.associations.status.name).toBe("Available");
    expect(rachel?.agent_availability.channel_availability).toMatchObject([
      { available: true },
      { available: true },
      { available: true },
    ]);
  });
});
