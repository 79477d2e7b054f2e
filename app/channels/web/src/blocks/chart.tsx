/** A chart, drawn at the size it is shown in. Hover, or arrow keys, tell the values at a label; a table has them all. */

import type { JSX, TargetedKeyboardEvent, TargetedPointerEvent } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useAnswer } from "../answer-context";
import type { Chart, Figure, Ref, Table } from "../contract";
import { Texts, plain } from "../text";
import { visible } from "../visible";
import { type Scale, scaleOf, written } from "./chart-scale";
import { TableBlock } from "./table";

const HEIGHT = 224;
const TOP = 10;
const BOTTOM = 26;
const RIGHT = 10;
const CHARACTER = 6.8;
const MOST_DOTS = 30;
const NONE = "–";

interface Point {
  readonly value: number | null;
  readonly shown: string;
}

interface Line {
  readonly label: string;
  readonly points: readonly Point[];
}

export function ChartBlock({ block }: { block: Chart }): JSX.Element {
  const { figures } = useAnswer();
  const found = (ref: Ref | null): Figure | undefined => (ref === null ? undefined : figures.find(ref));
  const lines: Line[] = block.series.map((series) => ({
    label: visible(series.label),
    points: series.points.map((ref) => pointOf(found(ref))),
  }));
  const unit = block.series.flatMap((series) => series.points).map(found).find((figure) => figure)?.unit ?? "";
  return (
    <figure class="chart">
      <h4>
        <Texts text={block.title} />
      </h4>
      {lines.length > 1 && <Legend lines={lines} />}
      <Plot title={plain(block.title, figures)} form={block.form} labels={block.labels.map(visible)} lines={lines} unit={unit} />
      {block.note.length > 0 && (
        <figcaption>
          <Texts text={block.note} />
        </figcaption>
      )}
      <details>
        <summary>Values as a table</summary>
        <TableBlock block={tableOf(block)} />
      </details>
    </figure>
  );
}

function pointOf(figure: Figure | undefined): Point {
  if (figure === undefined) return { value: null, shown: NONE };
  return { value: typeof figure.value === "number" ? figure.value : null, shown: visible(figure.shown) };
}

function tableOf(block: Chart): Table {
  const columns = block.series.map((series) => ({ label: series.label, align: "right" as const }));
  return {
    type: "table",
    columns: [{ label: "", align: "left" }, ...columns],
    rows: block.labels.map((label, place) => [[label], ...block.series.map(({ points }) => [points[place] ?? NONE])]),
    more: [],
  };
}

function Legend({ lines }: { lines: readonly Line[] }): JSX.Element {
  return (
    <ul class="legend">
      {lines.map((line, place) => (
        <li class={`series-${place}`}>{line.label}</li>
      ))}
    </ul>
  );
}

interface PlotProps {
  readonly title: string;
  readonly form: "line" | "bar";
  readonly labels: readonly string[];
  readonly lines: readonly Line[];
  readonly unit: string;
}

function Plot({ title, form, labels, lines, unit }: PlotProps): JSX.Element {
  const [box, width] = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const values = lines.flatMap((line) => line.points.map((point) => point.value)).filter((value) => value !== null);
  const scale = scaleOf(values, form, unit);
  const left = 10 + CHARACTER * Math.max(...scale.ticks.map((tick) => written(tick, unit).length));
  const slot = Math.max(1, width - left - RIGHT) / labels.length;
  const last = labels.length - 1;

  const onPointerMove = (event: TargetedPointerEvent<HTMLDivElement>): void => {
    const place = Math.floor((event.clientX - event.currentTarget.getBoundingClientRect().left - left) / slot);
    setAt(Math.min(last, Math.max(0, place)));
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    const places: Readonly<Record<string, number>> = { ArrowLeft: (at ?? 1) - 1, ArrowRight: (at ?? -1) + 1, Home: 0, End: last };
    const to = places[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setAt(Math.min(last, Math.max(0, to)));
  };
  return (
    <div
      ref={box}
      class="plot"
      role="slider"
      tabIndex={0}
      aria-label={`Chart: ${title}`}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={at ?? 0}
      aria-valuetext={told(labels, lines, at ?? 0)}
      onPointerMove={onPointerMove}
      onPointerLeave={() => setAt(null)}
      onFocus={() => setAt(at ?? 0)}
      onBlur={() => setAt(null)}
      onKeyDown={onKeyDown}
    >
      <svg width="100%" height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true">
        {at !== null && <rect class="at" x={left + at * slot} y={TOP} width={slot} height={HEIGHT - TOP - BOTTOM} />}
        <Axes scale={scale} labels={labels} left={left} slot={slot} unit={unit} />
        {lines.map((line, place) =>
          form === "bar" ? (
            <Bars line={line} place={place} of={lines.length} scale={scale} left={left} slot={slot} />
          ) : (
            <Curve line={line} place={place} scale={scale} left={left} slot={slot} />
          ),
        )}
      </svg>
      {at !== null && <Reading labels={labels} lines={lines} at={at} />}
    </div>
  );
}

/** The width of an element, as long as it is shown. */
function useWidth(): [{ current: HTMLDivElement | null }, number] {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const read = (): void => setWidth(element.clientWidth || 640);
    const watching = new ResizeObserver(read);
    watching.observe(element);
    read();
    return () => watching.disconnect();
  }, []);
  return [box, width];
}

function told(labels: readonly string[], lines: readonly Line[], at: number): string {
  return `${labels[at]}: ${lines.map((line) => `${line.label} ${line.points[at]?.shown ?? NONE}`).join(", ")}`;
}

/** The values at a label, on the side of the plot where they hide none of it. */
function Reading({ labels, lines, at }: { labels: readonly string[]; lines: readonly Line[]; at: number }): JSX.Element {
  return (
    <div class={at < labels.length / 2 ? "reading right" : "reading left"} aria-hidden="true">
      <strong>{labels[at]}</strong>
      {lines.map((line, place) => (
        <span class={`series-${place}`}>
          {line.label} <b>{line.points[at]?.shown ?? NONE}</b>
        </span>
      ))}
    </div>
  );
}

interface Place {
  readonly scale: Scale;
  readonly left: number;
  readonly slot: number;
}

function heightOf(value: number, { low, high }: Scale): number {
  return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low));
}

function Axes({ scale, labels, left, slot, unit }: Place & { labels: readonly string[]; unit: string }): JSX.Element {
  const room = CHARACTER * Math.max(...labels.map((label) => label.length)) + 8;
  const every = Math.max(1, Math.ceil(Math.min(room, 120) / slot));
  const most = Math.max(3, Math.floor((slot * every - 4) / CHARACTER));
  return (
    <>
      {scale.ticks.map((tick) => (
        <>
          <line class="rule" x1={left} x2={left + slot * labels.length} y1={heightOf(tick, scale)} y2={heightOf(tick, scale)} />
          <text x={left - 6} y={heightOf(tick, scale) + 4} text-anchor="end">
            {written(tick, unit)}
          </text>
        </>
      ))}
      {labels.map((label, place) =>
        place % every === 0 ? (
          <text x={left + slot * (place + 0.5)} y={HEIGHT - 7} text-anchor="middle">
            {label.length > most ? `${label.slice(0, most - 1)}…` : label}
          </text>
        ) : null,
      )}
    </>
  );
}

interface Drawn extends Place {
  readonly line: Line;
  readonly place: number;
}

function Bars({ line, place, of, scale, left, slot }: Drawn & { of: number }): JSX.Element {
  const base = heightOf(Math.min(Math.max(0, scale.low), scale.high), scale);
  const width = (slot * 0.7) / of;
  return (
    <g class={`series-${place}`}>
      {line.points.map(({ value }, number) => {
        if (value === null) return null;
        const y = heightOf(value, scale);
        const x = left + slot * (number + 0.15) + width * place;
        return <rect x={x} y={Math.min(y, base)} width={Math.max(1, width - 2)} height={Math.abs(y - base)} />;
      })}
    </g>
  );
}

/** A line, broken where there is no value. */
function Curve({ line, place, scale, left, slot }: Drawn): JSX.Element {
  const at = line.points.map(({ value }, number) =>
    value === null ? null : { x: left + slot * (number + 0.5), y: heightOf(value, scale) },
  );
  const path = at.map((point, number) => (point ? `${at[number - 1] ? "L" : "M"}${point.x} ${point.y}` : "")).join("");
  const isAlone = (number: number): boolean => !at[number - 1] && !at[number + 1];
  return (
    <g class={`series-${place}`}>
      <path d={path} />
      {at.map((point, number) =>
        point !== null && (at.length <= MOST_DOTS || isAlone(number)) ? <circle cx={point.x} cy={point.y} r={3} /> : null,
      )}
    </g>
  );
}
