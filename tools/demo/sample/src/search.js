import { passages } from "./passages.js";

/** The words of a text, lower case, without punctuation. */
export function words(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

const index = passages.map(({ id, text }) => ({ id, words: new Set(words(text)) }));
const frequency = new Map();
for (const entry of index)
  for (const word of entry.words) frequency.set(word, (frequency.get(word) ?? 0) + 1);

/** The ids of the passages that fit best, best first: rare words in common count most. */
export function search(question, limit = 4) {
  const asked = new Set(words(question));
  const scored = index.map((entry) => {
    const shared = [...asked].filter((word) => entry.words.has(word));
    const score = shared.reduce((sum, word) => sum + 1 / frequency.get(word), 0);
    return { id: entry.id, score };
  });
  return scored
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score || left.id.localeCompare(right.id))
    .slice(0, limit)
    .map(({ id }) => id);
}
