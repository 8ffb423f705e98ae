// The entry: asks who is signed in, then shows the page of the address.
import { render } from "preact";
import { App } from "./app.tsx";
import { askWho } from "./session.ts";
import "./style/tokens.css";
import "./style/base.css";
import "./style/parts.css";
import "./style/top.css";
import "./style/pages.css";
import "./style/worker.css";
import "./style/narrow.css";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no #app");
if (!location.pathname.startsWith("/sign-in")) void askWho();
render(<App />, root);
