import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

/** The licence of what is bundled goes where the bundle goes. */
function licences(): Plugin {
  return {
    name: "licences",
    generateBundle() {
      const source = readFileSync("node_modules/preact/LICENSE", "utf-8");
      this.emitFile({ type: "asset", fileName: "preact-licence.txt", source });
    },
  };
}

export default defineConfig({
  plugins: [licences()],
  build: {
    // The page's Content-Security-Policy allows files of this service alone: nothing inline, no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    target: "es2022",
    // The styles use light-dark(), which an older target would have to lose.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
  },
});
