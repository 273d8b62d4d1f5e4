import { fileURLToPath } from "node:url";

/** The folder of the page's files; everything in it is public. */
export const consoleFolder = fileURLToPath(new URL("../public/", import.meta.url));
