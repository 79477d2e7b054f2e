/** The files of the message that is being written: how they are chosen, and how far each has come. */

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { Attachment, Attachments } from "./use-attachments";
import { visible } from "./visible";

export function AttachButton({ attachments }: { attachments: Attachments }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        type="file"
        multiple
        hidden
        ref={input}
        onChange={({ currentTarget }) => {
          attachments.add(currentTarget.files ?? []);
          currentTarget.value = ""; // the same file may be chosen again
        }}
      />
      <button
        type="button"
        class="attach"
        aria-label="Attach files"
        title="Attach logs, HAR files and the like: choose, drop or paste them"
        onClick={() => input.current?.click()}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="m20 11.5-8.2 8.2a5.2 5.2 0 0 1-7.4-7.4l8.6-8.6a3.5 3.5 0 0 1 5 5l-8.6 8.5a1.7 1.7 0 0 1-2.5-2.4l7.7-7.7" />
        </svg>
      </button>
    </>
  );
}

export function AttachmentList({ attachments }: { attachments: Attachments }): JSX.Element {
  const { list } = attachments;
  return (
    <>
      {list.length > 0 && (
        <ul class="files" aria-label="Attached files">
          {list.map((each) => (
            <Entry key={each.key} attachment={each} onRemove={() => attachments.remove(each)} />
          ))}
        </ul>
      )}
      <p class="hidden" role="status">
        {list.map((each) => `${visible(each.name)}: ${said(each)}`).join("; ")}
      </p>
    </>
  );
}

function Entry({ attachment, onRemove }: { attachment: Attachment; onRemove: () => void }): JSX.Element {
  const { id, problem, arrived } = attachment;
  const name = visible(attachment.name);
  return (
    <li class={problem === null ? "" : "failed"}>
      <span class="name">{name}</span> <span class="state">{stateOf(attachment)}</span>
      {id === null && problem === null && <progress max={1} value={arrived} aria-label={`Sending ${name}`} />}
      <button type="button" class="quiet" aria-label={`Remove ${name}`} onClick={onRemove}>
        ×
      </button>
    </li>
  );
}

function stateOf(attachment: Attachment): string {
  const { id, problem, arrived, bytes, read } = attachment;
  if (problem !== null) return `${problem} Remove it to send the message.`;
  if (id !== null) return [sizeOf(bytes), visible(read)].filter((part) => part !== "").join(", ");
  return arrived < 1 ? `${sizeOf(bytes)}, ${Math.floor(100 * arrived)} % sent` : `${sizeOf(bytes)}, being read`;
}

/** The same for who cannot see it, without the percentages, which would be read out one by one. */
function said(attachment: Attachment): string {
  return attachment.id === null && attachment.problem === null ? "being sent and read" : stateOf(attachment);
}

function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
