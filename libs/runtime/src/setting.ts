/** What a setting holds and how an operator writes it. */
export type SettingKind = Setting["kind"];

interface Described {
  /** The environment variable. */
  readonly env: string;
  /** Other variables that mean the same; two that disagree are a fault. */
  readonly aliases?: readonly string[];
  /** One sentence for the operator. */
  readonly meaning: string;
  readonly required?: boolean;
}

interface TextSetting extends Described {
  readonly kind: "string" | "path";
  readonly unit?: string;
  readonly default?: string;
  /** Length in characters. */
  readonly min?: number;
  readonly max?: number;
  readonly oneOf?: readonly string[];
}

interface UrlSetting extends Described {
  readonly kind: "url";
  readonly default?: string;
  /** Allowed schemes without colon, e.g. `["redis", "rediss"]`; any when absent. */
  readonly schemes?: readonly string[];
}

interface NumberSetting extends Described {
  readonly kind: "integer" | "number";
  readonly unit?: string;
  readonly default?: number;
  readonly min?: number;
  readonly max?: number;
  readonly oneOf?: readonly number[];
}

interface BooleanSetting extends Described {
  readonly kind: "boolean";
  readonly default?: boolean;
}

interface DurationSetting extends Described {
  readonly kind: "durationMs";
  /** What a bare number means; without it a bare number is refused. */
  readonly unit?: "ms" | "s";
  /** Text as an operator would write it (`90s`), or a number of milliseconds. */
  readonly default?: string | number;
  /** Milliseconds. */
  readonly min?: number;
  readonly max?: number;
}

interface MoneySetting extends Described {
  readonly kind: "microUsd";
  /** Text as an operator would write it, in US dollars (`0.50`), or a number of micro-dollars. */
  readonly default?: string | number;
  /** Micro-dollars. */
  readonly min?: number;
  readonly max?: number;
}

/** A secret never has a default, is at least 16 characters and not a well-known weak value. */
interface SecretSetting extends Described {
  readonly kind: "secret";
  readonly default?: never;
}

interface ListSetting extends Described {
  readonly kind: "list";
  readonly default?: readonly string[];
  /** Number of items. */
  readonly min?: number;
  readonly max?: number;
  readonly oneOf?: readonly string[];
}

export type Setting =
  | TextSetting
  | UrlSetting
  | NumberSetting
  | BooleanSetting
  | DurationSetting
  | MoneySetting
  | SecretSetting
  | ListSetting;

export type SettingsDefinition = Readonly<Record<string, Setting>>;

type Choice<S, Otherwise> = S extends { readonly oneOf: readonly (infer One)[] } ? One : Otherwise;

type Present<S extends Setting> = S["kind"] extends "boolean"
  ? boolean
  : S["kind"] extends "integer" | "number" | "durationMs" | "microUsd"
    ? Choice<S, number>
    : S["kind"] extends "list"
      ? readonly Choice<S, string>[]
      : Choice<S, string>;

type SettingValue<S extends Setting> = S extends
  | { readonly default: unknown }
  | { readonly required: true }
  ? Present<S>
  : Present<S> | undefined;

/** The typed values a definition yields; optional settings without a default may be undefined. */
export type SettingValues<D extends SettingsDefinition> = {
  readonly [Name in keyof D]: SettingValue<D[Name]>;
};
