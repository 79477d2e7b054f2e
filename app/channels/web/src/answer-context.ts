/** What the parts of an answer share: its figures, and what a click in it does. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Figure, Ref } from "./contract";

export class Figures {
  private readonly byKey = new Map<string, Figure>();

  constructor(figures: readonly Figure[]) {
    for (const figure of figures) {
      const key = keyOf(figure.key, figure.account_id);
      if (!this.byKey.has(key)) this.byKey.set(key, figure);
    }
  }

  /** The figure with the reference's key and account, or with that key and no account. */
  find(ref: Ref): Figure | undefined {
    return this.byKey.get(keyOf(ref.figure, ref.account_id)) ?? this.byKey.get(keyOf(ref.figure, null));
  }
}

function keyOf(key: string, account: string | null): string {
  return JSON.stringify([key, account]);
}

export interface AnswerContext {
  readonly figures: Figures;
  /** The answer's command, where another account can be given to it. */
  readonly command: string | null;
  /** Show a figure's formula and records. */
  readonly showFigure: (figure: Figure, from: HTMLElement) => void;
  readonly send: (message: string) => void;
  /** Put a message into the composer, to be looked at before it is sent. */
  readonly propose: (message: string) => void;
  readonly isCommand: (text: string) => boolean;
}

export const Answering = createContext<AnswerContext>({
  figures: new Figures([]),
  command: null,
  showFigure: () => undefined,
  send: () => undefined,
  propose: () => undefined,
  isCommand: () => false,
});

export function useAnswer(): AnswerContext {
  return useContext(Answering);
}
