/** Facts that never change, or follow from others, say nothing about the state. */
const constant = new Set(["patch", "renders", "comparison", "verdict", "requirement", "readings"]);
const withoutConstant = (key: string, value: unknown) => (constant.has(key) ? undefined : value);

/** Numbers for parts of worlds: parts are shared between worlds, so each is written out only once. */
const numbers = new Map<string, number>();
const numberOfPart = new WeakMap<object, number>();

export function numberOf(part: object | undefined): number {
  if (part === undefined) return -1;
  const known = numberOfPart.get(part);
  if (known !== undefined) return known;
  const text = JSON.stringify(part, withoutConstant);
  const number = numbers.get(text) ?? numbers.size;
  numbers.set(text, number);
  numberOfPart.set(part, number);
  return number;
}
