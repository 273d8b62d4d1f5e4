import "uplot/dist/uPlot.min.css";
import "./style/ground.css";
import "./style/shell.css";
import "./style/board.css";
import "./style/patch.css";
import "./style/diff.css";
import "./style/spend.css";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { loadFonts } from "./fonts.ts";
import { Store } from "./store.ts";
import { applyTheme, savedTheme } from "./theme.ts";

applyTheme(savedTheme());
const place = document.getElementById("root");
if (!place) throw new Error("index.html has no place for the page");
const store = new Store();
// Before the first paint: a font that comes later would move every line.
await loadFonts();
createRoot(place).render(<App store={store} />);
