/** The records behind a figure, loaded from where its evidence points. */

import type { Account, DataRecord, Evidence, Figure, Page } from "../contract";
import { get } from "../service";

/** Evidence of one kind: records named one by one, and ranges. */
export interface Group {
  readonly kind: string;
  readonly records: readonly Evidence[];
  readonly ranges: readonly Evidence[];
}

/** Figures are shown as figures; all other kinds are tables of records. */
export const FIGURES = "figures";

const ACCOUNTS = "accounts";
const PAGE_SIZE = 200;
const MAX_PAGES = 10;

export function groupsOf(figure: Figure): Group[] {
  const kinds = [...new Set(figure.evidence.map((evidence) => evidence.kind))];
  return kinds
    .filter((kind) => kind !== FIGURES)
    .map((kind) => {
      const own = figure.evidence.filter((evidence) => evidence.kind === kind);
      return {
        kind,
        records: own.filter((evidence) => evidence.id !== null),
        ranges: own.filter((evidence) => evidence.id === null),
      };
    });
}

/** The records that are named one by one, as they are now. Those that no call gives are left out. */
export async function namedRecords(figure: Figure, group: Group): Promise<DataRecord[]> {
  const ids = group.records.map((evidence) => evidence.id ?? "");
  if (group.kind === ACCOUNTS) return Promise.all(ids.map(account));
  if (figure.account_id === null) return [];
  const wanted = new Set(ids);
  const found: DataRecord[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES && found.length < wanted.size; page++) {
    const records: Page<DataRecord> = await pageOf(addressOf(figure.account_id, group), cursor);
    found.push(...records.items.filter((record) => wanted.has(String(record["id"]))));
    cursor = records.next_cursor;
    if (cursor === null) break;
  }
  return found;
}

/** One page of a range. */
export function pageOf(address: string, cursor: string | null): Promise<Page<DataRecord>> {
  const url = new URL(address, location.origin);
  url.searchParams.set("limit", String(PAGE_SIZE));
  if (cursor !== null) url.searchParams.set("cursor", cursor);
  return get(url.pathname + url.search);
}

/** The account's table, narrowed to the days of the named records where all are dated. */
function addressOf(account: string, { kind, records }: Group): string {
  const path = `/v1/accounts/${encodeURIComponent(account)}/${encodeURIComponent(kind)}`;
  const days = records.flatMap((evidence) => evidence.date ?? []).sort();
  const [first, last] = [days[0], days.at(-1)];
  if (days.length < records.length || first === undefined || last === undefined) return path;
  return `${path}?from=${first}&to=${last}`;
}

async function account(id: string): Promise<DataRecord> {
  return (await get<Account>(`/v1/accounts/${encodeURIComponent(id)}`)) as unknown as DataRecord;
}
