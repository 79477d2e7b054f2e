import type { JSX } from "preact";
import { useAnswer } from "../answer-context";
import type { Ref, ScoreCard, ScoreLine } from "../contract";
import { FigureButton, Texts } from "../text";
import { toneOf } from "./tones";

export function ScoreCardBlock({ block }: { block: ScoreCard }): JSX.Element {
  const tier = block.provisional ? `${block.tier}, provisional` : block.tier;
  const most = Math.max(...block.lines.map((line) => line.max));
  return (
    <section class="score-card" aria-label="Score">
      <header>
        <p class="score">
          {block.score === null ? (
            "Score unknown"
          ) : (
            <>
              <FigureButton of={block.score} /> <small>of 100</small>
            </>
          )}
        </p>
        <p class={`tier tone-${toneOf(block.tier) ?? "neutral"}`}>{tier}</p>
        <Band block={block} />
      </header>
      <ul class="score-lines">
        {block.lines.map((line) => (
          <Line line={line} most={most} />
        ))}
      </ul>
    </section>
  );
}

/** How far the score can be trusted: from every unknown component at nothing to every one at its most. */
function Band({ block }: { block: ScoreCard }): JSX.Element {
  const value = useValue();
  const [low, high, score] = [value(block.low), value(block.high), block.score && value(block.score)];
  return (
    <div class={`band tone-${toneOf(block.tier) ?? "neutral"}`}>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="100" height="6" />
        {low !== null && high !== null && <rect class="range" x={low} width={Math.max(high - low, 0.5)} height="6" />}
        {score !== null && <rect class="mark" x={Math.min(Math.max(score - 0.6, 0), 98.8)} width="1.2" height="6" />}
      </svg>
      <p>
        {low !== high && (
          <>
            band <FigureButton of={block.low} /> to <FigureButton of={block.high} />,{" "}
          </>
        )}
        coverage <FigureButton of={block.coverage} />
      </p>
    </div>
  );
}

function Line({ line, most }: { line: ScoreLine; most: number }): JSX.Element {
  const state = line.state.replace("_", " ");
  return (
    <li class={line.state}>
      <span class="label">{line.label}</span>
      <Gauge line={line} most={most} />
      <span class="points">
        {line.points === null ? (
          <span class="muted">{state}</span>
        ) : (
          <>
            <FigureButton of={line.points} /> <small>of {line.max}</small>
          </>
        )}
      </span>
      <span class="because">
        <Texts text={line.because} />
      </span>
    </li>
  );
}

/** A bar as long as what the component can give at most, filled with what it gives. */
function Gauge({ line, most }: { line: ScoreLine; most: number }): JSX.Element {
  const value = useValue();
  const points = line.points === null ? null : value(line.points);
  const length = (100 * line.max) / most;
  return (
    <svg class="gauge" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width={length} height="8" />
      {points !== null && <rect class="filled" width={(100 * Math.min(points, line.max)) / most} height="8" />}
    </svg>
  );
}

function useValue(): (ref: Ref) => number | null {
  const { figures } = useAnswer();
  return (ref) => {
    const value = figures.find(ref)?.value;
    return typeof value === "number" ? value : null;
  };
}
