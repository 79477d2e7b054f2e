/** How to sign in: what a browser without a session sees. */

import type { JSX } from "preact";

export function SignIn(): JSX.Element {
  return (
    <main class="sign-in">
      <h1>Sign in with a link</h1>
      <p>
        This page takes no password. The machine that the service runs on prints a link that signs your browser in; it
        works once, within 15 minutes.
      </p>
      <dl>
        <dt>
          <code>make run</code>
        </dt>
        <dd>starts the service and prints a link.</dd>
        <dt>
          <code>.venv/bin/cse link</code>
        </dt>
        <dd>prints another one while the service runs.</dd>
      </dl>
      <p>Open the link in this browser.</p>
      <button type="button" onClick={() => location.reload()}>
        I have opened it
      </button>
    </main>
  );
}
