import type { Setting } from "./setting.ts";
import { secretWeakness } from "./secret-strength.ts";

export type ParsedValue = string | number | boolean | readonly string[];

export type Parsed =
  | { readonly kind: "value"; readonly value: ParsedValue }
  | { readonly kind: "fault"; readonly problem: string; readonly remedy: string };

const durationUnitsMs = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

const truths = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["off", false],
]);

/** Reads one value as an operator writes it. A fault never quotes a secret. */
export function parseSetting(setting: Setting, raw: string): Parsed {
  const text = raw.trim();
  switch (setting.kind) {
    case "string":
    case "path":
      return within(setting, oneOf(setting, plainText(text)), (value) => String(value).length);
    case "url":
      return url(setting, text);
    case "integer":
      return within(setting, oneOf(setting, integer(text)), Number);
    case "number":
      return within(setting, oneOf(setting, decimal(text)), Number);
    case "boolean":
      return boolean(text);
    case "durationMs":
      return within(setting, duration(setting.unit, text), Number);
    case "microUsd":
      return within(setting, microUsd(text), Number);
    case "secret":
      return secret(text);
    case "list":
      return list(setting, text);
  }
}

function value(parsed: ParsedValue): Parsed {
  return { kind: "value", value: parsed };
}

function fault(problem: string, remedy: string): Parsed {
  return { kind: "fault", problem, remedy };
}

function plainText(text: string): Parsed {
  return text.includes("\0") ? fault("contains a zero byte", "remove the zero byte") : value(text);
}

function integer(text: string): Parsed {
  const parsed = Number(text);
  return /^[+-]?\d{1,16}$/.test(text) && Number.isSafeInteger(parsed)
    ? value(parsed)
    : fault(`"${text}" is not a whole number`, "write a whole number such as 3");
}

function decimal(text: string): Parsed {
  return /^[+-]?\d{1,16}(?:\.\d{1,20})?(?:e[+-]?\d{1,2})?$/.test(text)
    ? value(Number(text))
    : fault(`"${text}" is not a number`, "write a decimal number such as 0.95");
}

function boolean(text: string): Parsed {
  const truth = truths.get(text.toLowerCase());
  return truth === undefined
    ? fault(`"${text}" is neither true nor false`, "write true or false")
    : value(truth);
}

function duration(bareUnit: "ms" | "s" | undefined, text: string): Parsed {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)?$/.exec(text);
  if (match === null) {
    return fault(
      `"${text}" is not a duration`,
      "write a number and a unit: 500ms, 90s, 2m, 1h, 1d",
    );
  }
  const unit = match[2] ?? bareUnit;
  const unitMs = unit === undefined ? undefined : durationUnitsMs.get(unit);
  if (unitMs === undefined) {
    return fault(`"${text}" has no unit`, `write the unit: ${text}s or ${text}ms`);
  }
  const durationMs = Math.round(Number(match[1]) * unitMs);
  return Number.isSafeInteger(durationMs)
    ? value(durationMs)
    : fault(`"${text}" is too long`, "write a shorter duration");
}

// By digits, not by floating point: a cap of 0.07 is 70000 micro-dollars and not 70000.00000000001.
function microUsd(text: string): Parsed {
  const match = /^\$?(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) {
    return fault(
      `"${text}" is not an amount of money`,
      "write US dollars with at most six decimals, such as 0.50",
    );
  }
  return value(Number(match[1]) * 1_000_000 + Number((match[2] ?? "").padEnd(6, "0")));
}

function secret(text: string): Parsed {
  const weakness = secretWeakness(text);
  return weakness === undefined
    ? value(text)
    : fault(weakness, "use at least 16 random characters, for example: openssl rand -hex 32");
}

function url(setting: Extract<Setting, { kind: "url" }>, text: string): Parsed {
  const parsed = URL.parse(text);
  // The text itself is not quoted: a URL may carry a password.
  if (parsed === null || parsed.host === "") {
    return fault("is not a URL with a host", "write it in full, such as https://host:port/path");
  }
  const scheme = parsed.protocol.slice(0, -1);
  return setting.schemes === undefined || setting.schemes.includes(scheme)
    ? value(text)
    : fault(`has the scheme ${scheme}`, `use one of: ${setting.schemes.join(", ")}`);
}

function list(setting: Extract<Setting, { kind: "list" }>, text: string): Parsed {
  const items = text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
  const stray = items.find((item) => setting.oneOf?.includes(item) === false);
  if (stray !== undefined) {
    return fault(`"${stray}" is not known`, `choose from: ${setting.oneOf?.join(", ")}`);
  }
  return within(setting, value(items), () => items.length);
}

function oneOf(setting: { readonly oneOf?: readonly (string | number)[] }, parsed: Parsed): Parsed {
  if (parsed.kind === "fault" || setting.oneOf === undefined) return parsed;
  return setting.oneOf.some((choice) => choice === parsed.value)
    ? parsed
    : fault(`"${String(parsed.value)}" is not known`, `use one of: ${setting.oneOf.join(", ")}`);
}

function within(
  setting: Setting & { readonly min?: number; readonly max?: number },
  parsed: Parsed,
  measure: (parsed: ParsedValue) => number,
): Parsed {
  if (parsed.kind === "fault") return parsed;
  const size = measure(parsed.value);
  const unit = measuredIn(setting);
  if (setting.min !== undefined && size < setting.min) {
    return fault(`is below ${setting.min}${unit}`, `use at least ${setting.min}${unit}`);
  }
  if (setting.max !== undefined && size > setting.max) {
    return fault(`is above ${setting.max}${unit}`, `use at most ${setting.max}${unit}`);
  }
  return parsed;
}

function measuredIn(setting: Setting): string {
  switch (setting.kind) {
    case "string":
    case "path":
      return " characters";
    case "durationMs":
      return " ms";
    case "microUsd":
      return " micro-dollars";
    case "list":
      return " items";
    case "integer":
    case "number":
      return setting.unit === undefined ? "" : ` ${setting.unit}`;
    case "url":
    case "boolean":
    case "secret":
      return "";
  }
}
