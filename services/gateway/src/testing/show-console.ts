/** A real Chromium before a real gateway, for the tests of the console. */
import type { AddressInfo } from "node:net";
import { ensureConsole } from "@council/scripts/build-console.ts";
import { ensureChromium } from "@council/scripts/find-chromium.ts";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { testGateway, type TestGateway, type TestGatewayOptions } from "../test-gateway.ts";

export interface ShownConsole extends AsyncDisposable {
  readonly gateway: TestGateway;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly url: string;
  /** What the page complained of: errors of its own, and what the security policy kept from it. */
  readonly complaints: readonly string[];
}

export interface ShowOptions extends TestGatewayOptions {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
  /** Done before the page opens. */
  readonly prepare?: (gateway: TestGateway) => Promise<void>;
  readonly hash?: string;
}

const quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];

/** Builds the page if need be and starts the browser. Throws with what to do when there is none. */
export async function startBrowser(): Promise<Browser> {
  const say = () => {};
  const built = await ensureConsole({ say });
  if (built.kind === "failed") throw new Error(built.reason);
  const found = await ensureChromium({ say });
  if (found.kind !== "binary")
    throw new Error(`no Chromium: ${found.reason} ${found.remedies.join(" ")}`);
  return chromium.launch({ executablePath: found.path, args: quiet });
}

/** A gateway of its own, and a page that shows it. */
export async function showConsole(
  browser: Browser,
  { width = 1280, colorScheme = "light", prepare, hash = "", ...options }: ShowOptions = {},
): Promise<ShownConsole> {
  const gateway = await testGateway({ readAccess: "open", ...options });
  await prepare?.(gateway);
  await gateway.app.listen({ port: 0, host: "127.0.0.1" });
  const url = `http://127.0.0.1:${(gateway.app.server.address() as AddressInfo).port}/`;
  const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // A route that is not there is told of by the browser, and shown as such by the page.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      complaints.push(message.text());
  });
  await page.goto(`${url}${hash}`);
  return {
    gateway,
    context,
    page,
    url,
    complaints,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await gateway[Symbol.asyncDispose]();
    },
  };
}
