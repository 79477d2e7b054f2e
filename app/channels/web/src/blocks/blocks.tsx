/** An answer's blocks, in order; a folded heading closes what comes up to the next heading. */

import type { JSX } from "preact";
import type { Block, Heading } from "../contract";
import { Texts } from "../text";
import { ChartBlock } from "./chart";
import { ChecklistBlock } from "./checklist";
import { CitationsBlock } from "./citations";
import { DiagnosisBlock } from "./diagnosis";
import { DraftBlock } from "./draft";
import { MetricsBlock } from "./metrics";
import { NoticeBlock } from "./notice";
import { ParagraphBlock } from "./paragraph";
import { QuestionBlock } from "./question";
import { ScoreCardBlock } from "./score-card";
import { TableBlock } from "./table";
import { TimelineBlock } from "./timeline";
import { VerdictBlock } from "./verdict";

type Part = Exclude<Block, Heading>;

interface Section {
  readonly heading: Heading | null;
  readonly parts: Part[];
}

export function Blocks({ blocks }: { blocks: readonly Block[] }): JSX.Element {
  return (
    <>
      {sectionsOf(blocks).map((section) => (
        <SectionOfBlocks section={section} />
      ))}
    </>
  );
}

function sectionsOf(blocks: readonly Block[]): Section[] {
  const sections: Section[] = [{ heading: null, parts: [] }];
  for (const block of blocks) {
    if (block.type === "heading") sections.push({ heading: block, parts: [] });
    else sections.at(-1)?.parts.push(block);
  }
  return sections;
}

function SectionOfBlocks({ section }: { section: Section }): JSX.Element {
  const { heading } = section;
  const parts = section.parts.map((part) => <OnePart part={part} />);
  if (heading === null) return <>{parts}</>;
  if (!heading.folded) {
    return (
      <section class="section">
        <h3>
          <Texts text={heading.text} />
        </h3>
        {parts}
      </section>
    );
  }
  return (
    <details class="section folded">
      <summary>
        <h3>
          <Texts text={heading.text} />
        </h3>
      </summary>
      {parts}
    </details>
  );
}

function OnePart({ part }: { part: Part }): JSX.Element | null {
  switch (part.type) {
    case "verdict":
      return <VerdictBlock block={part} />;
    case "paragraph":
      return <ParagraphBlock block={part} />;
    case "metrics":
      return <MetricsBlock block={part} />;
    case "table":
      return <TableBlock block={part} />;
    case "score_card":
      return <ScoreCardBlock block={part} />;
    case "checklist":
      return <ChecklistBlock block={part} />;
    case "timeline":
      return <TimelineBlock block={part} />;
    case "chart":
      return <ChartBlock block={part} />;
    case "draft":
      return <DraftBlock block={part} />;
    case "diagnosis":
      return <DiagnosisBlock block={part} />;
    case "citations":
      return <CitationsBlock block={part} />;
    case "notice":
      return <NoticeBlock tone={part.tone} text={part.text} />;
    case "question":
      return <QuestionBlock block={part} />;
    default:
      return <UnknownPart type={(part satisfies never as { type: string }).type} />;
  }
}

/** A service newer than the page may send parts that the page cannot draw; they are in the Markdown. */
function UnknownPart({ type }: { type: string }): JSX.Element {
  const text = `This page cannot draw the part “${type}”; “Copy as Markdown” below has it in words.`;
  return <NoticeBlock tone="warning" text={[text]} />;
}
