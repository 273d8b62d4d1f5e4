import { buildPrompt, priceOf } from "./prompt.js";
import { search } from "./search.js";
import { load } from "./store.js";

/** Answers a question from the passages that fit it best. */
export async function answer(question) {
  const found = await Promise.all(search(question).map((id) => load(id)));
  const prompt = buildPrompt(question, found);
  const best = found.at(0);
  return { answer: best?.answer ?? "I do not know", costMicroUsd: priceOf(prompt) };
}
