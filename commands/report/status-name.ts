import type { StatusTime } from "../../client/history/times.ts";

/** Returns the name of a status; its ID if the name is unknown. */
export const statusName = ({ id = "No status", name = id }: StatusTime): string => name;
