/** What a thread shows before its first message: what can be asked. */

import type { JSX } from "preact";
import { HELP } from "./completion";
import type { CommandInfo } from "./contract";

/** The account in the commands' own examples. */
const PLACEHOLDER = /\bacme\b/i;
const SHOWN = 3;

interface Example {
  readonly message: string;
  readonly summary: string;
}

interface Props {
  readonly commands: readonly CommandInfo[];
  /** The name of an account that is there, for the examples. */
  readonly account: string | null;
  readonly onChoose: (message: string) => void;
}

export function EmptyState({ commands, account, onChoose }: Props): JSX.Element {
  return (
    <section class="empty">
      <h2>What do you want to know?</h2>
      <p>
        Ask in your own words, or type <kbd>/</kbd> for a command. Every figure in an answer can be clicked: it shows how
        it was computed, and from which records.
      </p>
      <ul>
        {[...examplesOf(commands, account), ...questionsOf(commands, account)].map(({ message, summary }) => (
          <li>
            <button type="button" onClick={() => onChoose(message)}>
              <code>{message}</code>
              <span>{summary}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The first example of each command but help; of many commands, those that are asked with the fewest words. */
function examplesOf(commands: readonly CommandInfo[], account: string | null): Example[] {
  const found = commands
    .filter((command) => command !== HELP)
    .flatMap(({ examples: [first], summary }) => (first === undefined ? [] : [{ message: first, summary }]));
  return usable(found, account);
}

/** The first question in plain words that each command answers. */
function questionsOf(commands: readonly CommandInfo[], account: string | null): Example[] {
  const found = commands.flatMap(({ name, asked_as: [first] }) =>
    first === undefined ? [] : [{ message: first, summary: `In plain words, for /${name}.` }],
  );
  return usable(found, account).slice(0, 1);
}

function usable(examples: readonly Example[], account: string | null): Example[] {
  return examples
    .filter(({ message }) => account !== null || !PLACEHOLDER.test(message))
    .sort((one, other) => one.message.length - other.message.length)
    .slice(0, SHOWN)
    .map(({ message, summary }) => ({ message: message.replace(PLACEHOLDER, account ?? ""), summary }));
}
