/**
 * Reads from the gateway. The live feed is read with fetch and not with EventSource, which can neither
 * carry the token nor tell a refusal from an outage.
 */

const retryMs = [500, 1000, 2000, 5000];
/** The server says something every 15 seconds; after this much silence the link is dead. */
const silenceMs = 40_000;

export class TokenNeeded extends Error {}
export class CursorRefused extends Error {}

/** @param {string} path @param {string} token @param {{ position?: string, signal?: AbortSignal }} [more] */
async function ask(path, token, { position, signal } = {}) {
  const headers = new Headers();
  if (token) headers.set("authorization", `Bearer ${token}`);
  if (position) headers.set("last-event-id", position);
  const response = await fetch(path, { headers, signal, cache: "no-store" });
  if (response.status === 401) throw new TokenNeeded();
  if (response.status === 404) return undefined;
  if (response.status === 422) throw new CursorRefused();
  if (!response.ok) throw new Error(`the gateway answers ${response.status}`);
  return response;
}

/** The newest patches, and where the feed goes on after them. */
export async function readPatches(token, before) {
  const more = before === undefined ? "" : `&before=${before}`;
  const response = await ask(`/v1/patches?limit=100${more}`, token);
  return response.json();
}

/** One patch with its timeline; undefined when there is none. */
export async function readPatch(token, id, signal) {
  const response = await ask(`/v1/patches/${encodeURIComponent(id)}`, token, { signal });
  return response?.json();
}

/**
 * Follows the feed from a cursor for as long as the page is open. Rejects with TokenNeeded or
 * CursorRefused; everything else is tried again.
 * @param {{ token: string, cursor: string, onEntry: (entry: object) => void,
 *   onState: (state: "live" | "lost") => void }} options
 */
export async function followFeed({ token, cursor, onEntry, onState }) {
  let position = cursor;
  for (let attempt = 0; ; attempt += 1) {
    const leaving = new AbortController();
    let watchdog = setTimeout(() => leaving.abort(), silenceMs);
    try {
      const response = await ask("/v1/events", token, { position, signal: leaving.signal });
      onState("live");
      for await (const event of eventsOf(response.body)) {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => leaving.abort(), silenceMs);
        attempt = 0;
        position = event.id ?? position;
        if (event.data !== undefined) onEntry(JSON.parse(event.data));
      }
    } catch (error) {
      if (error instanceof TokenNeeded || error instanceof CursorRefused) throw error;
    } finally {
      clearTimeout(watchdog);
    }
    onState("lost");
    await new Promise((resolve) => {
      setTimeout(resolve, retryMs[Math.min(attempt, retryMs.length - 1)]);
    });
  }
}

/** The blocks of a text/event-stream; comments come as blocks without data. */
async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) yield fieldsOf(block);
  }
}

/** @returns {{ id?: string, data?: string }} */
function fieldsOf(block) {
  const event = {};
  for (const line of block.split("\n")) {
    const at = line.indexOf(": ");
    if (at > 0) event[line.slice(0, at)] = line.slice(at + 2);
  }
  return event;
}
