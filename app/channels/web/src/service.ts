/** Calls to the service. The browser's cookie goes with each; what is wrong comes back as a `Problem`. */

import type { ProblemDetail } from "./contract";

export class Problem extends Error implements ProblemDetail {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
  ) {
    super(detail);
  }
}

const UNREACHABLE = new Problem(0, "unreachable", "The service does not answer. Is it still running?");

export function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : UNREACHABLE;
}

/** The response of a call that succeeded. */
export async function call(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, redirect: "error" });
  } catch {
    throw UNREACHABLE;
  }
  if (!response.ok) throw await told(response);
  return response;
}

/** The JSON at `path`. Page and service are built together, so its shape is taken on trust. */
export async function get<T>(path: string): Promise<T> {
  return (await (await call(path)).json()) as T;
}

export function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

async function told(response: Response): Promise<Problem> {
  try {
    const { code, detail } = (await response.json()) as ProblemDetail;
    return new Problem(response.status, code, detail);
  } catch {
    return new Problem(response.status, "http_error", `The service answered with status ${response.status}.`);
  }
}
