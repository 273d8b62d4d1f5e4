import { readFile } from "node:fs/promises";
import { ForgeError } from "./forge-error.ts";

/** The text of a secret's file; ForgeError "unauthorized" names the file when there is none. */
export async function readSecret(file: string): Promise<string> {
  const text = await readFile(file, "utf8").then(
    (read) => read.trim(),
    () => "",
  );
  if (text === "") throw new ForgeError("unauthorized", `no credential in ${file}`);
  return text;
}
