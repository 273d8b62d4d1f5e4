#!/usr/bin/env node
/**
 * Completes package-lock.json with the native packages of the platforms this machine is not.
 *
 * npm writes only the optional binaries it could see, and `npm ci` then refuses its own lock
 * ("Missing … from lock file"). The missing entries need a name, a version and the platforms they
 * are for, all of which follow from the package that asks for them. Run after every `npm install`.
 */
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const systems = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"];
const processors = ["arm64", "arm", "ia32", "ppc64", "riscv64", "s390x", "x64"];
const words = (name) => name.split("/").pop().split(/[-.]/);

function platformOf(name) {
  const os = systems.find((system) => words(name).includes(system));
  const cpu = processors.find((processor) => words(name).includes(processor));
  return { ...(cpu ? { cpu: [cpu] } : {}), ...(os ? { os: [os] } : {}) };
}

let added = 0;
for (const [place, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const known = [`${place}/node_modules/${name}`, `node_modules/${name}`];
    if (known.some((path) => lock.packages[path])) continue;
    lock.packages[`node_modules/${name}`] = {
      version: range.replace(/^[\^~]/, ""),
      ...platformOf(name),
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
    };
    added += 1;
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`package-lock.json: ${added} platform packages added\n`);
