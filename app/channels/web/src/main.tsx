import { render } from "preact";
import { App } from "./app";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/blocks.css";
import "./styles/evidence.css";
import { restoreTheme } from "./theme";

restoreTheme();
const page = document.getElementById("page");
if (page !== null) render(<App />, page);
