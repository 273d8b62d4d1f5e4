import { setTimeout as delay } from "node:timers/promises";
import { passages } from "./passages.js";

/** What one round trip to the store takes. */
const roundTripMs = 200;
const byId = new Map(passages.map((passage) => [passage.id, passage]));

/** Loads one passage. */
export async function load(id) {
  await delay(roundTripMs);
  return byId.get(id);
}
