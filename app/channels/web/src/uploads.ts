/** Files on their way to the service, which reads them at once and keeps what it read. */

import type { AttachedFile, ProblemDetail } from "./contract";
import { Problem } from "./service";

/** Send a file, and tell which part of it has arrived, from 0 to 1. `signal` calls it back. */
export function upload(file: File, onProgress: (part: number) => void, signal: AbortSignal): Promise<AttachedFile> {
  const form = new FormData();
  form.append("files", file);
  const request = new XMLHttpRequest(); // a fetch tells nothing of what has left
  return new Promise((resolve, reject) => {
    request.open("POST", "/v1/attachments");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total);
    request.onload = () => {
      const read = firstOf(request);
      if (read === null) reject(told(request));
      else resolve(read);
    };
    request.onerror = () => reject(new Problem(0, "unreachable", "The service does not answer. Is it still running?"));
    request.onabort = () => reject(new Problem(0, "removed", "It was removed."));
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

function firstOf(request: XMLHttpRequest): AttachedFile | null {
  if (request.status !== 201) return null;
  return (request.response as { readonly items: readonly AttachedFile[] } | null)?.items[0] ?? null;
}

function told(request: XMLHttpRequest): Problem {
  const problem = request.response as ProblemDetail | null;
  if (typeof problem?.detail === "string") return new Problem(request.status, problem.code, problem.detail);
  return new Problem(request.status, "http_error", `The service answered with status ${request.status}.`);
}
