/** Where a message is written: a field with a menu of commands and accounts, and how it is to be answered. */

import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { AttachButton, AttachmentList } from "./attachments";
import { type Menu, NO_MENU, type Offer, commandOf, menuFor, narrowed } from "./completion";
import type { CommandInfo } from "./contract";
import type { Options, SentFile } from "./conversations";
import { useAttachments } from "./use-attachments";

const MENU_ID = "menu";
const MAX_HEIGHT = 240;
/** What every command takes goes without saying. */
const COMMON_ARGUMENTS: ReadonlySet<string> = new Set(["as_of", "audience", "attachments"]);
/** Characters; what is pasted beyond them goes as a file, since a message cannot hold it. */
const LONGEST_PASTE = 100_000;

interface Props {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly options: Options;
  readonly setOptions: (options: Options) => void;
  readonly commands: readonly CommandInfo[];
  /** Whether a language model is there to put answers into words. */
  readonly hasModel: boolean;
  readonly running: boolean;
  readonly onSend: (message: string, files: readonly SentFile[]) => void;
  readonly onStop: () => void;
  /** Counts up whenever the field is to get the focus. */
  readonly focusCount: number;
}

export function Composer(props: Props): JSX.Element {
  const { text, setText, commands, running } = props;
  const { menu, active, choose, close } = useMenu(text, commands);
  const attachments = useAttachments();
  const isEmpty = text.trim() === "" && attachments.list.length === 0;
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => fitHeight(field.current), [text]);
  useEffect(() => {
    // Where the page opens on a phone, the focus would bring up the keyboard.
    if (props.focusCount > 0 || matchMedia("(hover: hover)").matches) focusAtEnd(field.current);
  }, [props.focusCount]);

  function send(): void {
    if (running || isEmpty || !attachments.ready) return;
    props.onSend(text, attachments.take().flatMap(({ id, name }) => (id === null ? [] : [{ id, name }])));
    setText("");
  }

  function onPaste(event: ClipboardEvent): void {
    const { files, text: pasted } = pastedIn(event);
    if (files.length === 0 && pasted.length <= LONGEST_PASTE) return;
    event.preventDefault();
    attachments.add(files.length > 0 ? files : [new File([pasted], "pasted.txt", { type: "text/plain" })]);
  }

  function take(offer: Offer): void {
    setText(offer.message);
    close();
    field.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const chosen = menu.offers[active];
    const plainEnter = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (menu.offers.length > 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      choose(menu.offers[next(active, event.key === "ArrowDown" ? 1 : -1, menu.offers.length)]);
    } else if (chosen !== undefined && (plainEnter || event.key === "Tab")) {
      take(chosen);
    } else if (menu.offers.length > 0 && event.key === "Escape") {
      close();
      event.stopPropagation();
    } else if (plainEnter) {
      send();
    } else {
      return;
    }
    event.preventDefault();
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <MenuList menu={menu} active={active} onChoose={take} />
      <AttachmentList attachments={attachments} />
      <div class="field">
        <AttachButton attachments={attachments} />
        <label class="hidden" for="message">
          Message
        </label>
        <textarea
          id="message"
          ref={field}
          rows={1}
          placeholder="Ask, or type / for a command"
          value={text}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={menu.offers.length > 0 ? MENU_ID : undefined}
          aria-activedescendant={menu.offers[active] === undefined ? undefined : optionId(active)}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          onBlur={close}
        />
        {running ? (
          <button type="button" class="stop" onClick={props.onStop}>
            Stop
          </button>
        ) : (
          <button type="submit" class="send" disabled={isEmpty || !attachments.ready}>
            Send
          </button>
        )}
      </div>
      <div class="options">
        <AnswerOptions {...props} />
        <Hint command={commandOf(text, commands)} />
      </div>
    </form>
  );
}

/** As of which day the answer is given, and whether the model is asked to put it into words. */
function AnswerOptions({ options, setOptions, hasModel }: Props): JSX.Element {
  const { as_of, narrate } = options;
  return (
    <>
      <label class={as_of === null ? "as-of" : "as-of set"}>
        {as_of === null ? "As of now" : "As of"}
        <input
          type="date"
          value={as_of ?? ""}
          onInput={({ currentTarget: { value } }) => setOptions({ ...options, as_of: value === "" ? null : value })}
        />
      </label>
      {as_of !== null && (
        <button type="button" class="quiet" onClick={() => setOptions({ ...options, as_of: null })}>
          Now
        </button>
      )}
      {hasModel && (
        <label>
          <input
            type="checkbox"
            role="switch"
            checked={narrate}
            onInput={({ currentTarget: { checked } }) => setOptions({ ...options, narrate: checked })}
          />
          In words
        </label>
      )}
    </>
  );
}

/** What a command takes, while it is being written; else how to write. */
function Hint({ command }: { command: CommandInfo | undefined }): JSX.Element {
  const all = Object.entries(command?.arguments.properties ?? {});
  const names = all.filter(([name]) => !COMMON_ARGUMENTS.has(name));
  if (names.length === 0) return <p class="hint">Enter sends, Shift+Enter begins a line</p>;
  return (
    <p class="hint">
      Takes{" "}
      {names.map(([name, { description }]) => (
        <code title={description}>{name === "account" ? "account" : `${name}=`}</code>
      ))}
    </p>
  );
}

interface MenuProps {
  readonly menu: Menu;
  readonly active: number;
  readonly onChoose: (offer: Offer) => void;
}

function MenuList({ menu, active, onChoose }: MenuProps): JSX.Element {
  const count = menu.offers.length;
  return (
    <>
      <p class="hidden" role="status">
        {count > 0 ? `${count} suggestions, arrow keys choose` : ""}
      </p>
      {count > 0 && (
        <ul id={MENU_ID} class="menu" role="listbox" aria-label="Suggestions">
          {menu.offers.map((offer, place) => (
            <li
              id={optionId(place)}
              role="option"
              aria-selected={place === active}
              // The field must not lose the focus before the click is one.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onChoose(offer)}
            >
              <span class="label">{offer.label}</span> <span class="detail">{offer.detail}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface MenuState {
  readonly menu: Menu;
  /** The place of the offer that is chosen; -1 where none is. */
  readonly active: number;
  readonly choose: (offer: Offer | undefined) => void;
  readonly close: () => void;
}

/** The menu for the text as it is now; answers that come too late are dropped. */
function useMenu(text: string, commands: readonly CommandInfo[]): MenuState {
  const [found, setFound] = useState(NO_MENU);
  const [chosen, setChosen] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    const show = (next: Menu): void => {
      if (current) setFound(next);
    };
    menuFor(text, commands).then(show, () => show(NO_MENU));
    return () => {
      current = false;
    };
  }, [text, commands]);
  const menu = narrowed(found, text);
  const place = menu.offers.findIndex((offer) => offer.message === chosen);
  return {
    menu,
    active: place < 0 && menu.eager && menu.offers.length > 0 ? 0 : place,
    choose: (offer) => setChosen(offer?.message ?? null),
    close: () => {
      setFound(NO_MENU);
      setChosen(null);
    },
  };
}

function pastedIn({ clipboardData }: ClipboardEvent): { files: readonly File[]; text: string } {
  return { files: [...(clipboardData?.files ?? [])], text: clipboardData?.getData("text/plain") ?? "" };
}

function next(place: number, step: 1 | -1, count: number): number {
  if (place < 0) return step > 0 ? 0 : count - 1;
  return (place + step + count) % count;
}

function optionId(place: number): string {
  return `${MENU_ID}-${place}`;
}

function fitHeight(field: HTMLTextAreaElement | null): void {
  if (field === null) return;
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, MAX_HEIGHT)}px`;
}

function focusAtEnd(field: HTMLTextAreaElement | null): void {
  field?.focus();
  field?.setSelectionRange(field.value.length, field.value.length);
}
