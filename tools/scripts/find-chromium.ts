/** The browser the console is tested in. */
import { ensureProgram } from "./private-tools.ts";
import type { Need, Probe, Program, ToolOptions, Unavailable } from "./private-tools.ts";
import { lastLines, runProcess } from "./run-process.ts";

const chromiumNeed: Need = {
  title: "Chromium",
  variable: "COUNCIL_CHROMIUM",
  names: ["chromium", "chromium-browser", "google-chrome", "chrome-headless-shell"],
  probe: probeChromium,
  // The shell without windows: half the download, and none of the desktop's libraries.
  debian: [
    {
      name: "chromium",
      packages: ["chromium-headless-shell", "chromium-common"],
      program: "usr/lib/chromium/chromium-headless-shell",
    },
  ],
};

/**
 * A browser for the tests of the console: `COUNCIL_CHROMIUM`, PATH, a private copy, fetched on Debian.
 * Proven by rendering a page.
 */
export async function ensureChromium(options: ToolOptions): Promise<Program | Unavailable> {
  const found = await ensureProgram(chromiumNeed, options);
  const remedies = [
    "Install it (`sudo apt-get install chromium`), or set COUNCIL_CHROMIUM to a Chromium or Chrome.",
  ];
  return found.kind === "binary" ? found : { ...found, remedies };
}

async function probeChromium(path: string, env: NodeJS.ProcessEnv): Promise<Probe> {
  const page = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "about:blank"];
  const [version, trial] = await Promise.all([
    runProcess(path, ["--version"], { env }),
    runProcess(path, page, { env }),
  ]);
  const number = /\d+(\.\d+){3}/.exec(version.stdout)?.[0];
  if (trial.ok && trial.stdout.includes("<html>"))
    return { kind: "works", version: number ?? "of unknown version" };
  return { kind: "broken", reason: `cannot render a page: ${lastLines(trial.stderr, 2)}` };
}
