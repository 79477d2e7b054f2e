import { useRef, useState } from "preact/hooks";
import type { Figures } from "../answer-context";
import type { Figure } from "../contract";

export interface EvidenceState {
  /** The figure that was clicked, then those it was followed to; empty while the panel is closed. */
  readonly trail: readonly Figure[];
  /** The figures of the answer that it stands in; null while the panel is closed. */
  readonly figures: Figures | null;
  readonly show: (figure: Figure, figures: Figures, from: HTMLElement) => void;
  readonly follow: (figure: Figure) => void;
  readonly back: () => void;
  readonly close: () => void;
}

/** What the panel shows; when it closes, the focus goes back to where it came from. */
export function useEvidence(): EvidenceState {
  const [trail, setTrail] = useState<readonly Figure[]>([]);
  const [figures, setFigures] = useState<Figures | null>(null);
  const opener = useRef<HTMLElement | null>(null);
  return {
    trail,
    figures,
    show: (figure, ofAnswer, from) => {
      opener.current = from;
      setFigures(ofAnswer);
      setTrail([figure]);
    },
    follow: (figure) => setTrail([...trail, figure]),
    back: () => setTrail(trail.slice(0, -1)),
    close: () => {
      setFigures(null);
      setTrail([]);
      opener.current?.focus();
      opener.current = null;
    },
  };
}
