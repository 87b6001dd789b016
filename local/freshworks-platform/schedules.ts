export interface Schedule {
  /** ISO 8601. */
  readonly scheduleAt: string;
  readonly data: unknown;
}

interface ScheduleRequest {
  readonly name?: unknown;
  readonly data?: unknown;
  readonly schedule_at?: unknown;
  readonly repeat?: unknown;
}

export type ScheduleOperation = "create" | "update" | "fetch" | "delete";

/**
 * State of a one-time schedule after it has fired. The platform does not document it.
 *
 * - `disappears`: it no longer exists.
 * - `remains`: it exists. It accepts an update but never fires again.
 * - `rejects updates`: it exists and rejects an update.
 * - `is hidden`: it cannot be fetched, but its name cannot be used until it is deleted.
 */
export type FiredSchedule = "disappears" | "remains" | "rejects updates" | "is hidden";

const MIN_DELAY_MS = 5 * 60_000;
const MAX_BYTES = 4 * 1024;
const MAX_SCHEDULES = 1000;

function rejection(status: number, message: string) {
  return { status, message };
}

function parseName({ name }: ScheduleRequest): string {
  if (typeof name !== "string" || !/^[\w-]{1,30}$/.test(name)) {
    throw rejection(400, "name must contain 1 to 30 letters, digits, _ and -");
  }
  return name;
}

function parseSchedule(request: ScheduleRequest, now: number): Schedule {
  const { data, schedule_at: at, repeat } = request;
  const time = typeof at === "string" ? Date.parse(at) : Number.NaN;
  if (repeat !== undefined || !(time >= now + MIN_DELAY_MS)) {
    throw rejection(400, "schedule_at must be at least 5 minutes ahead");
  }
  const text = JSON.stringify(data);
  if (typeof data !== "object" || data === null || Buffer.byteLength(text) > MAX_BYTES) {
    throw rejection(400, "data must be an object of at most 4 KB");
  }
  return { scheduleAt: new Date(time).toISOString(), data: JSON.parse(text) };
}

export interface ScheduleOptions {
  readonly now: () => number;
  /** Throws the value with which a call is rejected. */
  readonly begin: (operation: ScheduleOperation) => void;
  readonly firedSchedule: FiredSchedule;
}

/** Creates `$schedule` with the platform's limits: 1,000 one-time schedules, 4 KB, at least 5 minutes ahead. */
export function createSchedules({ now, begin, firedSchedule }: ScheduleOptions) {
  const schedules = new Map<string, Schedule>();
  const fired = new Map<string, Schedule>();
  const done = { status: 200, message: "ok" };

  const operation =
    (name: ScheduleOperation, perform: (request: ScheduleRequest) => object) =>
    async (request: ScheduleRequest) => {
      begin(name);
      return await Promise.resolve(perform(request));
    };

  function find(name: string): Schedule {
    const schedule =
      schedules.get(name) ?? (firedSchedule === "is hidden" ? undefined : fired.get(name));
    if (schedule === undefined) {
      throw rejection(404, "no such schedule");
    }
    return schedule;
  }

  function create(request: ScheduleRequest) {
    const name = parseName(request);
    const schedule = parseSchedule(request, now());
    if (schedules.has(name) || fired.has(name)) {
      throw rejection(409, "a schedule with this name exists");
    }
    if (schedules.size + fired.size >= MAX_SCHEDULES) {
      throw rejection(429, "an installation can have at most 1,000 one-time schedules");
    }
    schedules.set(name, schedule);
    return done;
  }

  function update(request: ScheduleRequest) {
    const name = parseName(request);
    find(name);
    const schedule = parseSchedule(request, now());
    if (!fired.has(name)) {
      schedules.set(name, schedule);
    } else if (firedSchedule === "rejects updates") {
      throw rejection(400, "the schedule has fired");
    } else {
      fired.set(name, schedule);
    }
    return done;
  }

  function fetchOne(request: ScheduleRequest) {
    const name = parseName(request);
    const { scheduleAt, data } = find(name);
    return { name, data: structuredClone(data), schedule_at: scheduleAt };
  }

  function remove(request: ScheduleRequest) {
    const name = parseName(request);
    if (!schedules.delete(name) && !fired.delete(name)) {
      throw rejection(404, "no such schedule");
    }
    return done;
  }

  return {
    /** The schedules that have not fired. */
    schedules,
    /** The schedules that have fired and still exist. */
    fired,
    markFired: (name: string, schedule: Schedule): void => {
      schedules.delete(name);
      if (firedSchedule !== "disappears") {
        const firedAt = Math.min(Date.parse(schedule.scheduleAt), now());
        fired.set(name, { ...schedule, scheduleAt: new Date(firedAt).toISOString() });
      }
    },
    method: {
      create: operation("create", create),
      update: operation("update", update),
      fetch: operation("fetch", fetchOne),
      delete: operation("delete", remove),
    },
  };
}
