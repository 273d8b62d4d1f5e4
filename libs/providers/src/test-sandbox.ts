import { findSandbox } from "./find-sandbox.ts";
import type { Sandbox } from "./sandbox.ts";

/** The sandbox of this machine. The tests prove protections, so without one they cannot pass. */
export async function testSandbox(): Promise<Sandbox> {
  const found = await findSandbox();
  if (found.kind === "available") return found;
  throw new Error(`no sandbox to test: ${found.reason}; ${found.remedy}`);
}
