import { useEffect, useMemo, useReducer } from "preact/hooks";
import { Conversations } from "./conversations";
import { addressOf } from "./threads";

/** The conversation, kept in step with the address. */
export function useConversations(onThreads: () => void, onSignedOut: () => void): Conversations {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const conversations = useMemo(
    () => new Conversations({ onChange: () => redraw(undefined), onThreads, onSignedOut }),
    [],
  );
  useEffect(() => {
    const open = (): void => {
      const threadId = location.hash.slice(1);
      if (threadId === "") conversations.startNew();
      else void conversations.open(threadId);
    };
    open();
    addEventListener("popstate", open);
    return () => removeEventListener("popstate", open);
  }, []);
  const { threadId } = conversations.current;
  useEffect(() => {
    if (threadId !== null && location.hash !== addressOf(threadId)) history.replaceState(null, "", addressOf(threadId));
  }, [threadId]);
  return conversations;
}
