import { useEffect, useReducer, useRef } from "preact/hooks";
import { problemOf } from "./service";
import { upload } from "./uploads";

const MOST_FILES = 10;
const MOST_BYTES = 100 * 1024 * 1024;

export interface Attachment {
  readonly key: number;
  readonly name: string;
  readonly bytes: number;
  /** The part that has arrived, from 0 to 1. */
  arrived: number;
  /** Its id, once it was read. */
  id: string | null;
  /** What it was read as. */
  read: string;
  /** Why it cannot be sent. */
  problem: string | null;
  readonly leaving: AbortController;
}

export interface Attachments {
  readonly list: readonly Attachment[];
  /** Whether all of them were read, so that the message can go. */
  readonly ready: boolean;
  readonly add: (files: Iterable<File>) => void;
  readonly remove: (attachment: Attachment) => void;
  /** Take them for a message: the list is empty then. */
  readonly take: () => readonly Attachment[];
}

/** The files of the message that is being written; what is dropped anywhere on the page becomes one. */
export function useAttachments(): Attachments {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const list = useRef<Attachment[]>([]);
  const lastKey = useRef(0);

  function add(files: Iterable<File>): void {
    for (const file of files) {
      lastKey.current += 1;
      const made = begun(lastKey.current, file, list.current.length);
      list.current = [...list.current, made];
      if (made.problem === null) void send(made, file, () => redraw(undefined));
    }
    redraw(undefined);
  }
  function remove(attachment: Attachment): void {
    attachment.leaving.abort();
    list.current = list.current.filter((each) => each !== attachment);
    redraw(undefined);
  }
  function take(): readonly Attachment[] {
    const taken = list.current;
    list.current = [];
    redraw(undefined);
    return taken;
  }
  useDropped(add);
  return { list: list.current, ready: list.current.every((each) => each.id !== null), add, remove, take };
}

function begun(key: number, file: File, before: number): Attachment {
  return {
    key,
    name: file.name,
    bytes: file.size,
    arrived: 0,
    id: null,
    read: "",
    problem: refusalOf(file, before),
    leaving: new AbortController(),
  };
}

function refusalOf(file: File, before: number): string | null {
  if (before >= MOST_FILES) return `A message takes ${MOST_FILES} files at most.`;
  if (file.size > MOST_BYTES) return "It has more than 100 MB: attach the part around the failure.";
  return null;
}

async function send(attachment: Attachment, file: File, redraw: () => void): Promise<void> {
  const onProgress = (part: number): void => {
    attachment.arrived = part;
    redraw();
  };
  try {
    const read = await upload(file, onProgress, attachment.leaving.signal);
    attachment.read = read.read;
    attachment.id = read.id;
  } catch (error) {
    attachment.problem = problemOf(error).detail;
  }
  redraw();
}

/** Without this the browser would leave the page for a file that is dropped beside the field. */
function useDropped(add: (files: Iterable<File>) => void): void {
  const latest = useRef(add);
  latest.current = add;
  useEffect(() => {
    const onDragOver = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes("Files") === true) event.preventDefault();
    };
    const onDrop = (event: DragEvent): void => {
      const files = event.dataTransfer?.files;
      if (files === undefined || files.length === 0) return;
      event.preventDefault();
      latest.current(files);
    };
    addEventListener("dragover", onDragOver);
    addEventListener("drop", onDrop);
    return () => {
      removeEventListener("dragover", onDragOver);
      removeEventListener("drop", onDrop);
    };
  }, []);
}
