/** `npm run build`: the operators' page, the one thing of Council that is built. */
import { ensureConsole } from "./build-console.ts";

const built = await ensureConsole({ say: (line) => console.log(line) });
if (built.kind === "failed") {
  console.error(`the console cannot be built: ${built.reason}`);
  process.exitCode = 1;
} else if (built.kind === "unchanged") {
  console.log("the console is built already, and nothing of it has changed");
}
