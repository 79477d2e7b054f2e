/** Records as a table: what they have, and nothing that is empty in all of them. */

import type { JSX } from "preact";
import type { DataRecord, RecordValue } from "../contract";
import { visible } from "../visible";

/** The panel says which account it is about. */
const LEFT_OUT: ReadonlySet<string> = new Set(["account_id"]);
/** What tells most of a record stands before the rest of it. */
const FIRST = ["date", "opened_at", "responded_at", "made_on", "name", "title", "subject", "what", "kind", "severity", "score"];
const MAX_SHORT = 26;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

export function RecordTable({ kind, records }: { kind: string; records: readonly DataRecord[] }): JSX.Element {
  if (records.length === 1) return <OneRecord record={records[0] ?? {}} />;
  const columns = columnsOf(records);
  return (
    <div class="scroller" role="group" aria-label={`Records: ${words(kind)}`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col" class={alignmentOf(records, column)}>
                {words(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <tr>
              {columns.map((column) => (
                <Cell value={record[column] ?? null} alignment={alignmentOf(records, column)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ value, alignment }: { value: RecordValue; alignment: string }): JSX.Element {
  const text = shown(value);
  return <td class={`${alignment} ${text.length <= MAX_SHORT ? "short" : ""}`}>{text}</td>;
}

function OneRecord({ record }: { record: DataRecord }): JSX.Element {
  return (
    <dl class="record">
      {columnsOf([record]).map((column) => (
        <div>
          <dt>{words(column)}</dt>
          <dd>{shown(record[column] ?? null)}</dd>
        </div>
      ))}
    </dl>
  );
}

function columnsOf(records: readonly DataRecord[]): string[] {
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const filled = columns.filter(
    (column) => !LEFT_OUT.has(column) && records.some((record) => hasValue(record[column])),
  );
  return [...FIRST.filter((column) => filled.includes(column)), ...filled.filter((column) => !FIRST.includes(column))];
}

function hasValue(value: RecordValue | undefined): boolean {
  return value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
}

function alignmentOf(records: readonly DataRecord[], column: string): "left" | "right" {
  return records.every((record) => typeof (record[column] ?? 0) === "number") ? "right" : "left";
}

/** The value as it is stored; times without the part that says nothing. */
function shown(value: RecordValue): string {
  if (value === null) return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "object") return visible(value.join(", "));
  const text = String(value);
  return TIME.test(text) ? text.replace("T", " ").replace(/:00(?:\.0+)?(?=Z|[+-]|$)/, "") : visible(text);
}

/** A table's or column's name as words. */
export function words(name: string): string {
  return name === "arr_movements" ? "ARR movements" : name.replaceAll("_", " ");
}
