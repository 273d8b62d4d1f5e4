import { readFileSync } from "node:fs";

// For measuring: the commit's own script and encoding, without the bus around them.
export { encodeBatch } from "./commit-batch.ts";
export { GROUP, makeKeys } from "./keys.ts";
export const commitScript = readFileSync(new URL("./lua/commit.lua", import.meta.url), "utf8");
