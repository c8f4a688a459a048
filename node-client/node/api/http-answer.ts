/** What a service answers to one request. */
export interface HttpAnswer {
  readonly status: number;
  /** Text or its bytes, or pieces of them that are made one after the other as the client reads. */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** JSON by default. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer to what the node could do at another moment. */
export function createBusyAnswer(body: string): HttpAnswer {
  return { ...createTextAnswer(503, body), headers: { "retry-after": "1" } };
}

/** An answer in plain words. */
export function createTextAnswer(status: number, body: string): HttpAnswer {
  return { status, body, contentType: "text/plain" };
}

/** The answer to a method that a path does not know. */
export function createMethodNotAllowed(allow: string): HttpAnswer {
  return { ...createTextAnswer(405, "Method not allowed"), headers: { allow } };
}

/** The answer to a path that nobody serves. */
export const NOT_FOUND: HttpAnswer = createTextAnswer(404, "Not found");
