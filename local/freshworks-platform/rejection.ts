/** The value with which the platform rejects a request: an object, not an error. */
export interface Rejection {
  readonly status: number;
  readonly message?: unknown;
  readonly response?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly errorSource: "APP" | "PLATFORM";
}

/** The field of a rejection that contains the response's body, as text or parsed. The documents disagree. */
export type RejectionBody =
  "response as text" | "response as object" | "message as text" | "message as object";

/** Returns the rejection of a request that the platform itself does not accept. */
export function platformRejection(status: number, message: string): Rejection {
  return { status, message, errorSource: "PLATFORM" };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

export function rejectedBody(body: string, form: RejectionBody): Partial<Rejection> {
  const content = form.endsWith("object") ? parseJson(body) : body;
  return form.startsWith("response") ? { response: content } : { message: content };
}
