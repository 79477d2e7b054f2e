/** A figure's records of one table. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { DataRecord, Evidence, Figure } from "../contract";
import { problemOf } from "../service";
import { RecordTable, words } from "./record-table";
import { type Group, namedRecords, pageOf } from "./records";

export function RecordGroup({ figure, group }: { figure: Figure; group: Group }): JSX.Element {
  return (
    <section class="records">
      {group.records.length > 0 && <NamedRecords figure={figure} group={group} />}
      {group.ranges.map((range) => (
        <Range range={range} />
      ))}
    </section>
  );
}

function NamedRecords({ figure, group }: { figure: Figure; group: Group }): JSX.Element {
  const [records, setRecords] = useState<readonly DataRecord[] | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    namedRecords(figure, group).then(setRecords, (error: unknown) => setProblem(problemOf(error).detail));
  }, []);
  const found = new Set(records?.map((record) => String(record["id"])));
  const others = group.records.filter((evidence) => records !== null && !found.has(evidence.id ?? ""));
  return (
    <>
      <h4>
        {words(group.kind)} <span class="count">{group.records.length}</span>
      </h4>
      {records === null && problem === "" && <p class="muted">Loading…</p>}
      {problem !== "" && <p class="notice tone-bad">{problem}</p>}
      {records !== null && records.length > 0 && <RecordTable kind={group.kind} records={records} />}
      {others.length > 0 && (
        <ul class="ids">
          {others.map((evidence) => (
            <li>
              <code>{evidence.id}</code> {evidence.date}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Range({ range }: { range: Evidence }): JSX.Element {
  const days = range.from !== null && range.to !== null ? `${range.from} to ${range.to}` : "";
  return (
    <>
      <h4>
        {words(range.kind)} <span class="count">{range.count ?? ""}</span> <span class="muted">{days}</span>
      </h4>
      {range.count === 0 && <p class="muted">There are none: that is what the figure says.</p>}
      {range.href !== null && range.count !== 0 && <RangeRecords kind={range.kind} address={range.href} />}
    </>
  );
}

function RangeRecords({ kind, address }: { kind: string; address: string }): JSX.Element {
  const [records, setRecords] = useState<readonly DataRecord[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [state, setState] = useState<"loading" | "loaded" | string>("loading");

  async function load(cursor: string | null): Promise<void> {
    setState("loading");
    try {
      const page = await pageOf(address, cursor);
      setRecords((known) => [...known, ...page.items]);
      setNext(page.next_cursor);
      setState("loaded");
    } catch (error) {
      setState(problemOf(error).detail);
    }
  }

  useEffect(() => void load(null), []);
  return (
    <>
      {records.length > 0 && <RecordTable kind={kind} records={records} />}
      {state === "loading" && <p class="muted">Loading…</p>}
      {state !== "loading" && state !== "loaded" && <p class="notice tone-bad">{state}</p>}
      {state === "loaded" && next !== null && (
        <button type="button" class="quiet" onClick={() => void load(next)}>
          More records
        </button>
      )}
    </>
  );
}
