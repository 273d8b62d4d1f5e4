/**
 * The console in a real Chromium before a gateway: how soon it shows something, how soon an event, how
 * evenly it draws while sixty a second come in, and ten thousand patches. The ledger is kept in memory.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type ShownConsole, showConsole, startBrowser } from "@council/gateway/show-console";
import { recordAll, recordEvents, type TestGateway } from "@council/gateway/test-gateway";
import { revertedHistory, testPatch } from "@council/gateway/test-patch";
import { digits, type GroupResult, median, percentile } from "./report.ts";

type Browser = Awaited<ReturnType<typeof startBrowser>>;

const idOf = (number: number) => `p01-patch${String(number).padStart(6, "0")}`;
const historyOf = (number: number) => revertedHistory(testPatch(idOf(number), 1000 + number));
const frameMs = 1000 / 60;
const perSecond = 60;
const drawnMs = 10_000;

export async function benchConsole({ rounds }: { rounds: number }): Promise<GroupResult> {
  const browser = await startBrowser();
  try {
    const paints = await firstPaints(browser, 10 * rounds);
    const events = await eventsToScreen(browser, 30 * rounds);
    const busy = await framesWhileEventsCome(browser);
    const long = await framesOfALongList(browser);
    const row = (name: string, values: readonly number[], goal: string) => [
      name,
      digits(median(values)),
      digits(percentile(values, 0.95)),
      digits(percentile(values, 0.99)),
      goal,
    ];
    return {
      tables: [
        {
          title: "console, ms",
          columns: ["", "p50", "p95", "p99", "goal"],
          rows: [
            row("opened until the first of 200 patches is drawn", paints, "below 1,000"),
            row("event recorded until it is on the screen", events, "p95 below 300"),
            row(`between two frames, ${perSecond} events/s`, busy.gaps, "16.7"),
            row("10,000 patches: between two frames while scrolling", long.gaps, "16.7"),
          ],
          notes: [
            `${digits(busy.ratio * 100)} % of the frames came late (over ${digits(1.5 * frameMs)} ms) while ${busy.sent} events came in ${drawnMs / 1000} s.`,
            `10,000 patches: ${digits(long.ratio * 100)} % of the frames came late; the first was drawn ${digits(long.openedMs)} ms after opening.`,
            "Chromium without a screen and without a graphics processor, on the processors of the gateway.",
          ],
        },
      ],
      numbers: { paints, events, busy, long },
    };
  } finally {
    await browser.close();
  }
}

const withPatches = (count: number) => ({
  prepare: ({ bus }: TestGateway) =>
    recordAll(
      bus,
      Array.from({ length: count }, (_, number) => ({
        patchId: idOf(number),
        partition: 1,
        events: historyOf(number).slice(0, 1),
      })),
    ),
});

/** Resolves in the page, to its own clock, in the frame after this has come true. */
const until = (condition: string, clock: "performance" | "Date") => `new Promise((resolve) => {
  const look = () => ${condition}
    ? requestAnimationFrame(() => resolve(${clock}.now()))
    : requestAnimationFrame(look);
  look();
})`;
const rowOf = (id: string) => `document.querySelector('[data-patch="${id}"]')`;
const drawn = (id: string, clock: "performance" | "Date") => until(rowOf(id), clock);

/** From the begin of the navigation, with an empty cache each time. */
async function firstPaints(browser: Browser, times: number): Promise<number[]> {
  await using shown = await showConsole(browser, withPatches(200));
  const paints: number[] = [];
  for (let run = 0; run < times; run += 1) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 844 } });
    const page = await context.newPage();
    await page.goto(shown.url, { waitUntil: "commit" });
    paints.push(await page.evaluate<number>(drawn(idOf(199), "performance")));
    await context.close();
  }
  return paints;
}

async function eventsToScreen(browser: Browser, times: number): Promise<number[]> {
  await using shown = await showConsole(browser, withPatches(200));
  const { page, gateway } = shown;
  await page.evaluate(drawn(idOf(199), "Date"));
  const took: number[] = [];
  for (let number = 1000; number < 1000 + times; number += 1) {
    const seen = page.evaluate<number>(drawn(idOf(number), "Date"));
    const startedAt = Date.now();
    await recordEvents(gateway.bus, idOf(number), 1, historyOf(number).slice(0, 1));
    took.push((await seen) - startedAt);
  }
  return took;
}

interface Frames {
  /** Milliseconds between two frames. */
  readonly gaps: readonly number[];
  /** Share of the frames that came late. */
  readonly ratio: number;
}

function framesOf(gaps: readonly number[]): Frames {
  return { gaps, ratio: gaps.filter((gap) => gap > 1.5 * frameMs).length / gaps.length };
}

/** Draws for so long, and notes when; `step` is done before each frame. */
const watchFrames = (page: ShownConsole["page"], ms: number, step: string) =>
  page.evaluate<number[]>(`(async () => {
  const gaps = [];
  const end = performance.now() + ${ms};
  let before = performance.now();
  while (before < end) {
    ${step}
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - before);
    before = now;
  }
  return gaps.slice(1);
})()`);

async function framesWhileEventsCome(browser: Browser) {
  await using shown = await showConsole(browser, withPatches(200));
  const { page, gateway } = shown;
  await page.evaluate(drawn(idOf(199), "Date"));
  const ending = new AbortController();
  let sent = 0;
  const sending = (async () => {
    const startedAt = performance.now();
    while (!ending.signal.aborted) {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
      const number = 5000 + sent;
      if (sent < due) {
        await recordEvents(gateway.bus, idOf(number), 1, historyOf(number).slice(0, 1));
        sent += 1;
      } else await delay(1);
    }
  })();
  const gaps = await watchFrames(page, drawnMs, "");
  ending.abort();
  await sending;
  return { ...framesOf(gaps), sent };
}

async function framesOfALongList(browser: Browser) {
  await using shown = await showConsole(browser, withPatches(10_000));
  const { page } = shown;
  await page.goto("about:blank");
  await page.goto(shown.url, { waitUntil: "commit" });
  const openedMs = await page.evaluate<number>(drawn(idOf(9999), "performance"));
  // The list asks for more as its end comes near.
  await page.evaluate(
    until(`(scrollTo(0, document.body.scrollHeight), ${rowOf(idOf(0))})`, "performance"),
  );
  await page.evaluate("scrollTo(0, 0)");
  const gaps = await watchFrames(page, 5000, "scrollBy(0, 900);");
  return { ...framesOf(gaps), openedMs };
}
