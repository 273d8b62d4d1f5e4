import { ForgeError } from "./forge-error.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** The fields of an answer, none when it is no object. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** A text the forge must give; throws ForgeError "malformed" without it. */
export function textIn(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  throw new ForgeError("malformed", `the forge gave no ${name}`);
}

/** As `textIn`, for whole numbers. */
export function numberIn(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new ForgeError("malformed", `the forge gave no ${name}`);
}

/** A text, or what stands for it when the forge gives none. */
export function textOr(fields: Fields, name: string, otherwise: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : otherwise;
}

/** A time in ISO 8601 as milliseconds since 1970; 0 when the forge gives none. */
export function timeIn(fields: Fields, name: string): number {
  const time = Date.parse(textOr(fields, name, ""));
  return Number.isNaN(time) ? 0 : time;
}
