/** A one-time schedule. */
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

const SOONEST_MS = 5 * 60_000;
const MOST_BYTES = 4 * 1024;
const MOST_SCHEDULES = 1000;

/** What an app may ask of its schedules. */
export type ScheduleOperation = "create" | "update" | "fetch" | "delete";

function rejection(status: number, message: string) {
  return { status, message };
}

function nameIn({ name }: ScheduleRequest): string {
  if (typeof name !== "string" || !/^[\w-]{1,30}$/.test(name)) {
    throw rejection(400, "the name is no name of up to 30 letters, digits, _ and -");
  }
  return name;
}

function scheduleIn(request: ScheduleRequest, now: number): Schedule {
  const { data, schedule_at: at, repeat } = request;
  const time = typeof at === "string" ? Date.parse(at) : Number.NaN;
  if (repeat !== undefined || !(time >= now + SOONEST_MS)) {
    throw rejection(400, "a one-time schedule has to be at least 5 minutes ahead");
  }
  const text = JSON.stringify(data);
  if (typeof data !== "object" || data === null || Buffer.byteLength(text) > MOST_BYTES) {
    throw rejection(400, "the data is no object, or of over 4 KB");
  }
  return { scheduleAt: new Date(time).toISOString(), data: JSON.parse(text) };
}

/**
 * `$schedule`, with the platform's limits: 1,000 one-time schedules, 4 KB, at least 5 minutes ahead.
 *
 * @param begin throws what a call is to be rejected with.
 */
export function createSchedules(now: () => number, begin: (operation: ScheduleOperation) => void) {
  const schedules = new Map<string, Schedule>();

  function known(name: string): Schedule {
    const schedule = schedules.get(name);
    if (schedule === undefined) {
      throw rejection(404, "there is no such schedule");
    }
    return schedule;
  }

  const done = { status: 200, message: "ok" };
  return {
    schedules,
    method: {
      create: async (request: ScheduleRequest) => {
        begin("create");
        const name = nameIn(request);
        const schedule = scheduleIn(request, now());
        if (schedules.has(name)) {
          throw rejection(409, "there is a schedule of this name");
        }
        if (schedules.size >= MOST_SCHEDULES) {
          throw rejection(429, "an installation may have 1,000 one-time schedules");
        }
        schedules.set(name, schedule);
        return await Promise.resolve(done);
      },
      update: async (request: ScheduleRequest) => {
        begin("update");
        const name = nameIn(request);
        known(name);
        schedules.set(name, scheduleIn(request, now()));
        return await Promise.resolve(done);
      },
      fetch: async (request: ScheduleRequest) => {
        begin("fetch");
        const name = nameIn(request);
        const { scheduleAt, data } = known(name);
        return await Promise.resolve({
          name,
          data: structuredClone(data),
          schedule_at: scheduleAt,
        });
      },
      delete: async (request: ScheduleRequest) => {
        begin("delete");
        const name = nameIn(request);
        known(name);
        schedules.delete(name);
        return await Promise.resolve(done);
      },
    },
  };
}
