import { z } from "zod";

const kept = new Set([
  "type",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "enum",
  "const",
  "anyOf",
  "description",
]);

/**
 * The JSON schema of `schema` in the dialect every vendor's structured output takes: shapes only.
 * Lengths and ranges are left out, some vendors refuse a schema that has them; the answer is held
 * against the whole of `schema` when it is in. Every field must be required and every object closed.
 */
export function wireSchema(schema: z.ZodType): Record<string, unknown> {
  return reduced(z.toJSONSchema(schema));
}

function reduced(node: object): Record<string, unknown> {
  const entries = Object.entries(node).filter(([key]) => kept.has(key));
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      key === "properties" && isObject(value) ? eachOf(value) : valueOf(value),
    ]),
  );
}

const eachOf = (properties: object) =>
  Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, valueOf(value)]));

function valueOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(valueOf);
  return isObject(value) ? reduced(value) : value;
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
