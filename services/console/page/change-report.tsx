/** What the change does to the program: its public interface, its symbols, and what a reviewer should look at. */
import { useState } from "react";
import { Chip } from "./chip.tsx";
import type { ChangeReport, SymbolChange } from "./comparison.ts";
import type { Tone } from "./words.ts";

const mostSymbols = 8;
const mostNames = 6;

const apiWords: Readonly<
  Record<
    ChangeReport["publicApi"],
    { readonly label: string; readonly tone: Tone; readonly mark: string }
  >
> = {
  none: { label: "Public interface untouched", tone: "good", mark: "✓" },
  compatible: { label: "Public interface grows", tone: "flight", mark: "+" },
  breaking: { label: "Public interface breaks", tone: "bad", mark: "!" },
};
const tierTones: Readonly<Record<string, Tone>> = {
  docs: "idle",
  service: "flight",
  data: "warn",
  destructive: "bad",
};
const effects: Readonly<Record<SymbolChange["effect"], Tone>> = {
  patch: "idle",
  minor: "flight",
  major: "bad",
};

export function ChangeReportPanel({ report }: { readonly report: ChangeReport }) {
  const { publicApi, semver, tier, riskTags, unknown } = report;
  return (
    <section className="panel" aria-labelledby="report-title">
      <h2 id="report-title">What it changes</h2>
      <ul className="chips">
        <li>
          <Chip {...apiWords[publicApi]} />
        </li>
        <li>
          <Chip tone={tierTones[tier] ?? "warn"} mark="◆" label={`${tier} tier`} />
        </li>
        {semver !== "none" && (
          <li>
            <Chip tone={effects[semver]} mark="#" label={`${semver} version`} />
          </li>
        )}
        {riskTags.map((tag) => (
          <li key={tag}>
            <Chip tone="warn" mark="△" label={tag} />
          </li>
        ))}
      </ul>
      <Symbols report={report} />
      <Touches touches={report.touches} />
      {unknown.length > 0 && (
        <p className="finding">
          Could not be read, and so counts as destructive:{" "}
          {unknown.slice(0, mostNames).map(({ path, reason }) => (
            <code key={path}>
              {path} ({reason})
            </code>
          ))}
          {unknown.length > mostNames && ` and ${unknown.length - mostNames} more`}
        </p>
      )}
    </section>
  );
}

function Symbols({ report: { symbols, symbolsLeftOut } }: { readonly report: ChangeReport }) {
  const [isWhole, setWhole] = useState(false);
  if (symbols.length === 0) return null;
  const drawn = isWhole ? symbols : symbols.slice(0, mostSymbols);
  const more = symbols.length - drawn.length;
  return (
    <>
      <ul className="symbols">
        {drawn.map((symbol) => (
          <SymbolLine key={`${symbol.path} ${symbol.kind} ${symbol.name}`} symbol={symbol} />
        ))}
      </ul>
      {more > 0 && (
        <button type="button" className="button more" onClick={() => setWhole(true)}>
          Show {more} more
        </button>
      )}
      {isWhole && symbolsLeftOut > 0 && (
        <p className="soft">{symbolsLeftOut} more are not listed.</p>
      )}
    </>
  );
}

function SymbolLine({ symbol }: { readonly symbol: SymbolChange }) {
  const { path, name, kind, change, exported, effect, was, wasPath } = symbol;
  const from = [was, wasPath].filter(Boolean).join(" in ");
  return (
    <li data-tone={effects[effect]} title={path}>
      <code>{name}</code>
      <span>
        {change.replace("-", " ")}
        {from && `, was ${from}`}
      </span>
      <span className="soft">
        {exported ? "exported " : ""}
        {kind}
      </span>
    </li>
  );
}

function Touches({ touches }: { readonly touches: ChangeReport["touches"] }) {
  const { calls, imports, throws, conditions, literals } = touches;
  const named = (word: string, names: readonly string[]) =>
    names.length === 0
      ? []
      : [
          `${word} ${names.slice(0, mostNames).join(", ")}${names.length > mostNames ? ` and ${names.length - mostNames} more` : ""}`,
        ];
  const counted = (count: number, one: string) =>
    count === 0 ? [] : [`${count} ${count === 1 ? one : `${one}s`}`];
  const said = [
    ...named("calls", calls),
    ...named("imports", imports),
    ...counted(conditions, "condition"),
    ...counted(throws, "throw"),
    ...counted(literals, "literal"),
  ];
  return said.length === 0 ? null : <p className="soft touches">Touches {said.join(" · ")}</p>;
}
