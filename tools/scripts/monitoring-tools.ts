/**
 * Prometheus and Alertmanager with the tools that check their files. Found like the other programs:
 * the variable, PATH, a private copy, fetched on Debian and Ubuntu; nothing in the system changes.
 */
import {
  ensureProgram,
  type Need,
  type Probe,
  type Program,
  type ToolOptions,
  type Unavailable,
} from "./private-tools.ts";
import { lastLines, runProcess } from "./run-process.ts";

export { startPrivatePrometheus } from "./private-prometheus.ts";
export type { PrivatePrometheus, PrivatePrometheusOptions } from "./private-prometheus.ts";

const prometheus = {
  name: "prometheus",
  packages: ["prometheus"],
  program: "usr/bin/prometheus",
} as const;
const promtool = "usr/bin/promtool";
const alertmanager = {
  name: "alertmanager",
  packages: ["prometheus-alertmanager"],
  program: "usr/bin/prometheus-alertmanager",
} as const;
const amtool = "usr/bin/amtool";

type Ensure = (options: ToolOptions) => Promise<Program | Unavailable>;

/** The server (`COUNCIL_PROMETHEUS`). */
export const ensurePrometheus: Ensure = ensurer({
  title: "Prometheus",
  variable: "COUNCIL_PROMETHEUS",
  names: ["prometheus"],
  probe: probeVersion,
  debian: [{ ...prometheus, alongside: [promtool] }],
});

/** Checks rules, rule tests and exposed metrics (`COUNCIL_PROMTOOL`). */
export const ensurePromtool: Ensure = ensurer({
  title: "promtool",
  variable: "COUNCIL_PROMTOOL",
  names: ["promtool"],
  probe: probeVersion,
  debian: [{ ...prometheus, program: promtool, alongside: [prometheus.program] }],
});

/** The server (`COUNCIL_ALERTMANAGER`). */
export const ensureAlertmanager: Ensure = ensurer({
  title: "Alertmanager",
  variable: "COUNCIL_ALERTMANAGER",
  names: ["alertmanager", "prometheus-alertmanager"],
  probe: probeVersion,
  debian: [{ ...alertmanager, alongside: [amtool] }],
});

/** Checks Alertmanager's configuration and routes (`COUNCIL_AMTOOL`). */
export const ensureAmtool: Ensure = ensurer({
  title: "amtool",
  variable: "COUNCIL_AMTOOL",
  names: ["amtool"],
  probe: probeVersion,
  debian: [{ ...alertmanager, program: amtool, alongside: [alertmanager.program] }],
});

function ensurer(need: Need): Ensure {
  return async (options) => {
    const found = await ensureProgram(need, options);
    if (found.kind === "binary") return found;
    const install = `Install ${need.title}, or set ${need.variable} to its program.`;
    return { ...found, remedies: [install] };
  };
}

async function probeVersion(path: string, env: NodeJS.ProcessEnv): Promise<Probe> {
  const { ok, stdout, stderr } = await runProcess(path, ["--version"], { env });
  const version = /\bversion (\d+(?:\.\d+)+)/.exec(`${stdout}\n${stderr}`)?.[1];
  if (ok && version !== undefined) return { kind: "works", version };
  return { kind: "broken", reason: lastLines(stderr, 2) || "does not tell its version" };
}
