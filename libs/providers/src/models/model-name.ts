/** A dated or numbered edition of one and the same model: `-2026-08-01`, `-20260801`, `-001`, `@20260801`. */
const edition = /^(?:[-@]\d{4}-?\d{2}-?\d{2}|-\d{3})$/;

/** Whether `answered` is the model that was asked for, or a dated edition of it. */
export function isSameModel(asked: string, answered: string): boolean {
  const [one, other] = [plain(asked), plain(answered)];
  return other === one || (other.startsWith(one) && edition.test(other.slice(one.length)));
}

const plain = (model: string) => model.replace(/^models\//, "");

/**
 * Who made a model, from its name: models of one maker share their errors. A name that says nothing
 * is a family of its own.
 */
export function familyOf(model: string): string {
  const name = plain(model).toLowerCase();
  const [family] = makers.find(([, begins]) => begins.test(name)) ?? [name];
  return family;
}

const makers: readonly (readonly [family: string, begins: RegExp])[] = [
  ["anthropic", /(^|\/)claude/],
  ["openai", /(^|\/)(gpt|chatgpt|codex|o\d)/],
  ["google", /(^|\/)(gemini|gemma)/],
  ["meta", /(^|\/)(meta-)?llama/],
  ["mistral", /(^|\/)(mistral|mixtral|codestral|devstral|magistral)/],
  ["qwen", /(^|\/)(qwen|qwq)/],
  ["deepseek", /(^|\/)deepseek/],
];
