import { expect, test } from "vitest";
import { compareRenders } from "./compare-renders.ts";
import { reportChange } from "./report-change.ts";

const samples: Record<string, string> = {
  "account.ts": `
import { db, type Row } from "./db.ts";
import * as log from "./log.ts";
export class Account {
  #balance = 0n;
  private readonly limits: readonly number[] = [10, 20.5, 0x30];
  constructor(private readonly owner: string, public open = true) {}
  get balance() { return this.#balance; }
  async withdraw(amount: bigint, force?: boolean): Promise<Row | undefined> {
    if (!this.open && !force) throw new Error("closed");
    if (amount <= 0n || amount > this.#balance) return undefined;
    this.#balance -= amount;
    try {
      const row = await db.insert({ owner: this.owner, amount, "kind": 'debit', note: \`\${amount} out\` });
      for (const limit of this.limits) if (limit % 2 === 1) log.warn(limit >>> 1, row?.id ?? "none");
      return row;
    } catch (error) {
      log.error(error instanceof Error ? error.message : String(error));
      this.#balance += amount;
      return null!;
    }
  }
}
`,
  "rules.js": `
"use strict";
const roles = { admin: 3, editor: 2, guest: false };
function allow(user, action, at) {
  switch (action) {
    case "read": return true;
    case "write": return roles[user.role] >= 2 && !user.locked;
    default: return roles[user.role] === 3 || (user.id == at.owner && at.age < 60 * 60);
  }
}
function* pages(count) {
  let page = 1;
  while (page <= count) { yield { page, last: page === count }; page++; }
}
module.exports = { allow, pages, pattern: /^a+b*$/i, empty: null };
`,
  "view.tsx": `
export function View({ items, on = true }: { items: string[]; on?: boolean }) {
  const shown = items.filter((item, at) => item.length > 0 && at < 100).map((item) => <li key={item}>{item}</li>);
  return on ? <ul className="list" hidden={!on}>Items: {shown}</ul> : null;
}
`,
};

/** Tokens that mean something else when replaced, and what by. */
const swaps: readonly (readonly [RegExp, (token: string) => string])[] = [
  [/(?<=[^<>=!])(?:===|!==|==|<=|>=|&&|\|\||\?\?|>>>|\+=|-=)/g, swapOperator],
  [/(?<= )(?:[-+*%<]|>)(?= )/g, swapOperator],
  [/\b(?:true|false)\b/g, (token) => String(token === "false")],
  [/(?<![\w.#])\d[\dxXa-f.]*n?\b/g, (token) => (token.endsWith("n") ? "77n" : "77")],
  [/(["'])(?!use strict)[\w./ ]+\1/g, (token) => `"other${token.length}"`],
  [/!(?=[\w(])/g, () => ""],
  [/\bawait /g, () => ""],
  [/\breturn (?=[\w<])/g, () => "return !"],
  [/\bthrow (?=new)/g, () => "return "],
  [/\byield /g, () => "yield* "],
  [/(?<=\.)#?[a-z]\w*/g, (token) => `${token}2`],
  [/\b(?:private|public) /g, (token) => (token === "private " ? "protected " : "private ")],
  [/\bconst\b/g, () => "var"],
  [/\b(?:user|amount|item|page|count|error|limit)\b(?=[ ,;).])/g, () => "swapped"],
  [/\?\.(?=\w)/g, () => "."],
  [/\+\+/g, () => "--"],
];

function swapOperator(token: string): string {
  const others: Record<string, string> = {
    "===": "!==",
    "!==": "===",
    "==": "!=",
    "<=": "<",
    ">=": ">",
    "&&": "||",
    "||": "&&",
    "??": "||",
    ">>>": ">>",
    "+=": "-=",
    "-=": "+=",
    "+": "-",
    "-": "+",
    "*": "/",
    "%": "*",
    "<": "<=",
    ">": ">=",
  };
  return others[token] ?? token;
}

function mutantsOf(text: string): string[] {
  return swaps.flatMap(([pattern, swap]) =>
    [...text.matchAll(pattern)].map(
      ({ index, 0: token }) =>
        text.slice(0, index) + swap(token) + text.slice(index + token.length),
    ),
  );
}

/** Shared code around the mutated place, so that the ratio alone would pass it. */
const padding = Array.from({ length: 30 }, (_, at) => `export const pad${at} = make(${at});`).join(
  "\n",
);

test.each(Object.keys(samples))(
  "no one-token mutant of %s is called equal or let through",
  async (path) => {
    const sample = samples[path]!;
    const isModule = path !== "rules.js";
    const around = isModule ? padding : padding.replaceAll("export ", "");
    const mutants = mutantsOf(sample);
    expect(mutants.length).toBeGreaterThan(10);
    const original = await reportChange({ files: [{ path, base: undefined, candidate: sample }] });
    let measuredCount = 0;
    for (const mutant of mutants) {
      const files = [
        { path, base: undefined, a: `${sample}\n${around}`, b: `${mutant}\n${around}` },
      ];
      const result = await compareRenders({ files });
      expect(result.verdict).toBe("escalate");
      if (result.kind !== "measured") continue;
      measuredCount++;
      expect(result.interval[0]).toBeGreaterThan(0);
      expect(result.critical.length).toBeGreaterThan(0);
      const report = await reportChange({ files: [{ path, base: undefined, candidate: mutant }] });
      expect(report.semanticDigest).not.toBe(original.semanticDigest);
    }
    expect(measuredCount).toBeGreaterThan(mutants.length * 0.9);
  },
  30_000,
);
