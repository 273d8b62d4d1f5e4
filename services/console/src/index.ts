import { fileURLToPath } from "node:url";

/** The folder of the built page; everything in it is public. It is there once the page was built. */
export const consoleFolder = fileURLToPath(new URL("../dist/", import.meta.url));
