import type { JSX } from "preact";
import { useAnswer } from "../answer-context";
import type { Column, Table, Text } from "../contract";
import { CommandButton, Texts, plain } from "../text";
import { isToned, toneOf } from "./tones";

const ACCOUNT_COLUMN = "Account";
const MAX_SHORT = 26;
const FIGURE_LENGTH = 8;

export function TableBlock({ block }: { block: Table }): JSX.Element {
  const names = block.columns.map((column) => column.label).join(", ");
  return (
    <figure class="table">
      <div class="scroller" role="group" aria-label={`Table: ${names}`} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {block.columns.map((column) => (
                <th scope="col" class={column.align}>
                  {column.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {block.rows.map((row) => (
              <Row row={row} columns={block.columns} />
            ))}
          </tbody>
        </table>
      </div>
      {block.more.length > 0 && (
        <figcaption>
          <Texts text={block.more} />
        </figcaption>
      )}
    </figure>
  );
}

function Row({ row, columns }: { row: readonly Text[]; columns: readonly Column[] }): JSX.Element {
  const account = accountOf(row);
  return (
    <tr>
      {columns.map((column, place) => (
        <td class={`${column.align} ${isShort(row[place] ?? []) ? "short" : ""}`}>
          <Cell text={row[place] ?? []} column={column.label} account={account} />
        </td>
      ))}
    </tr>
  );
}

/** Whether a cell is to stay on one line. A figure counts as a few characters. */
function isShort(text: Text): boolean {
  const lengths = text.map((span) => (typeof span === "string" ? span.length : FIGURE_LENGTH));
  return lengths.reduce((sum, length) => sum + length, 0) <= MAX_SHORT;
}

/** The one account that all of a row's figures belong to. */
function accountOf(row: readonly Text[]): string | null {
  const refs = row.flat().filter((span) => typeof span !== "string");
  const accounts = new Set(refs.map((ref) => ref.account_id));
  const [only] = accounts;
  return accounts.size === 1 && only !== undefined ? only : null;
}

function Cell({ text, column, account }: { text: Text; column: string; account: string | null }): JSX.Element {
  const { figures, isCommand, command, send } = useAnswer();
  const whole = plain(text, figures);
  if (column === ACCOUNT_COLUMN && account !== null && command !== null) {
    return (
      <button type="button" class="account" title={`/${command} ${account}`} onClick={() => send(`/${command} ${account}`)}>
        {whole}
      </button>
    );
  }
  if (isCommand(whole)) return <CommandButton command={whole} />;
  const tone = isToned(column) ? toneOf(whole) : null;
  const content = <Texts text={text} />;
  return tone === null ? content : <span class={`toned tone-${tone}`}>{content}</span>;
}
