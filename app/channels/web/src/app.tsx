/** The page: how to sign in, or the desk. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { NoticeBlock } from "./blocks/notice";
import { HELP } from "./completion";
import type { Account, CommandInfo, Page } from "./contract";
import { Desk, type Service } from "./desk";
import { get, problemOf } from "./service";
import { SignIn } from "./sign-in";

type Session =
  | { readonly state: "opening" | "signed-out" }
  | { readonly state: "failed"; readonly detail: string }
  | { readonly state: "open"; readonly service: Service };

export function App(): JSX.Element {
  const [session, setSession] = useState<Session>({ state: "opening" });
  const signedOut = (): void => setSession({ state: "signed-out" });
  useEffect(() => {
    loadService().then(
      (service) => setSession({ state: "open", service }),
      (error: unknown) => {
        const problem = problemOf(error);
        if (problem.status === 401) signedOut();
        else setSession({ state: "failed", detail: problem.detail });
      },
    );
  }, []);
  switch (session.state) {
    case "open":
      return <Desk service={session.service} onSignedOut={signedOut} />;
    case "signed-out":
      return <SignIn />;
    case "failed":
      return <Failed detail={session.detail} />;
    default:
      return <p class="opening">Opening…</p>;
  }
}

async function loadService(): Promise<Service> {
  const [commands, accounts, ready] = await Promise.all([
    get<Page<CommandInfo>>("/v1/commands"),
    get<Page<Account>>("/v1/accounts?limit=1"),
    get<{ readonly model?: unknown }>("/readyz"),
  ]);
  return {
    commands: [...commands.items, HELP],
    account: accounts.items[0]?.name ?? null,
    hasModel: (ready.model ?? null) !== null,
  };
}

function Failed({ detail }: { detail: string }): JSX.Element {
  return (
    <main class="sign-in">
      <NoticeBlock tone="bad" text={[detail]} />
      <button type="button" onClick={() => location.reload()}>
        Try again
      </button>
    </main>
  );
}
