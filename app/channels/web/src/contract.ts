/** The service's JSON as this page reads it: see the design's HTTP contract and `/openapi.json`. */

export interface Ref {
  readonly figure: string;
  readonly account_id: string | null;
}

/** Plain text with figures in it; never markup. */
export type Text = readonly (string | Ref)[];

export interface Evidence {
  readonly kind: string;
  readonly id: string | null;
  readonly date: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly count: number | null;
  readonly href: string | null;
}

export interface Figure {
  readonly key: string;
  readonly label: string;
  readonly value: number | string | null;
  readonly unit: string;
  readonly account_id: string | null;
  readonly as_of: string;
  readonly formula: string;
  readonly evidence: readonly Evidence[];
  /** The value as the service rounds and writes it. */
  readonly shown: string;
}

export type Tone = "good" | "warning" | "bad" | "neutral";

export interface Heading {
  readonly type: "heading";
  readonly text: Text;
  readonly folded: boolean;
}

export interface Verdict {
  readonly type: "verdict";
  readonly tone: Tone;
  readonly headline: Text;
  readonly lines: readonly Text[];
}

export interface Paragraph {
  readonly type: "paragraph";
  readonly text: Text;
}

export interface Metrics {
  readonly type: "metrics";
  readonly items: readonly { readonly label: string; readonly value: Text }[];
}

export interface Column {
  readonly label: string;
  readonly align: "left" | "right";
}

export interface Table {
  readonly type: "table";
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Text[])[];
  readonly more: Text;
}

export interface ScoreLine {
  readonly label: string;
  readonly state: "known" | "unknown" | "not_applicable";
  readonly points: Ref | null;
  readonly max: number;
  readonly because: Text;
}

export interface ScoreCard {
  readonly type: "score_card";
  readonly score: Ref | null;
  readonly low: Ref;
  readonly high: Ref;
  readonly coverage: Ref;
  readonly tier: "green" | "yellow" | "red" | "unknown";
  readonly provisional: boolean;
  readonly lines: readonly ScoreLine[];
}

export interface Task {
  readonly text: Text;
  readonly owner: string;
  readonly due: string | null;
  readonly done: boolean;
}

export interface Checklist {
  readonly type: "checklist";
  readonly items: readonly Task[];
}

export interface TimelineEvent {
  readonly on: string;
  readonly text: Text;
  readonly tone: Tone;
}

export interface Timeline {
  readonly type: "timeline";
  readonly items: readonly TimelineEvent[];
}

export interface Series {
  readonly label: string;
  readonly points: readonly (Ref | null)[];
}

export interface Chart {
  readonly type: "chart";
  readonly title: Text;
  readonly form: "line" | "bar";
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  readonly note: Text;
}

export type Side = "customer" | "product" | "external" | "undecided";
export type Certainty = "known" | "likely" | "possible";

export interface Clue {
  readonly text: Text;
  readonly where: string;
}

export interface Hypothesis {
  readonly rule: string;
  readonly title: Text;
  readonly certainty: Certainty;
  readonly side: Side;
  readonly evidence: readonly Clue[];
  readonly against: readonly Clue[];
  readonly settles: readonly Text[];
}

export interface Diagnosis {
  readonly type: "diagnosis";
  readonly audience: "internal" | "customer";
  readonly side: Side;
  readonly known: readonly Text[];
  readonly assumed: readonly Text[];
  readonly hypotheses: readonly Hypothesis[];
}

export interface DraftField {
  readonly label: string;
  readonly text: Text;
  readonly verbatim: boolean;
}

export interface Draft {
  readonly type: "draft";
  readonly title: Text;
  readonly audience: "internal" | "customer";
  readonly fields: readonly DraftField[];
}

export interface Citation {
  readonly document: string;
  readonly title: string;
  readonly heading: string;
  readonly lines: readonly [number, number];
  readonly text: string;
}

export interface Citations {
  readonly type: "citations";
  readonly items: readonly Citation[];
}

export interface Notice {
  readonly type: "notice";
  readonly tone: Tone;
  readonly text: Text;
}

export interface Question {
  readonly type: "question";
  readonly text: Text;
  readonly fields: readonly string[];
  readonly choices: readonly string[];
}

export type Block =
  | Heading
  | Verdict
  | Paragraph
  | Metrics
  | Table
  | ScoreCard
  | Checklist
  | Timeline
  | Chart
  | Draft
  | Diagnosis
  | Citations
  | Notice
  | Question;

export interface ProblemDetail {
  readonly code: string;
  readonly detail: string;
}

export interface Answer {
  readonly thread_id: string | null;
  readonly turn_id: string;
  readonly command: string | null;
  readonly account_id: string | null;
  readonly as_of: string | null;
  readonly audience: "internal" | "customer";
  /** The blocks as Markdown. */
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly figures: readonly Figure[];
  readonly degraded: string | null;
  readonly error: ProblemDetail | null;
}

export interface ChatRequest {
  readonly message: string;
  readonly thread_id: string | null;
  readonly as_of: string | null;
  readonly narrate: boolean;
  /** Ids of files that were attached before; left out where there are none. */
  readonly attachments?: readonly string[];
}

/** A file that was read. */
export interface AttachedFile {
  readonly id: string;
  readonly name: string;
  /** What it was read as. */
  readonly read: string;
}

export type TurnEvent =
  | { readonly event: "status"; readonly data: { readonly turn_id: string; readonly thread_id: string; readonly text: string } }
  | { readonly event: "block"; readonly data: Block }
  | { readonly event: "error"; readonly data: ProblemDetail }
  | { readonly event: "done"; readonly data: Answer };

export interface Thread {
  readonly id: string;
  readonly title: string;
  readonly updated_at: string;
}

export interface StoredTurn {
  readonly id: string;
  readonly message: string;
  readonly attachments: readonly { readonly name: string }[];
  readonly status: "running" | "done" | "failed" | "stopped" | "interrupted";
  readonly answer: Answer | null;
  readonly problem: ProblemDetail | null;
}

export interface ThreadWithTurns extends Thread {
  readonly turns: readonly StoredTurn[];
}

export interface CommandInfo {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly asked_as: readonly string[];
  readonly arguments: {
    readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
  };
}

export interface Account {
  readonly id: string;
  readonly name: string;
}

export type RecordValue = string | number | boolean | null | readonly string[];
export type DataRecord = Readonly<Record<string, RecordValue>>;

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}
