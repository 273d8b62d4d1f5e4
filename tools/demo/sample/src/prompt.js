const charactersPerToken = 4;
const microUsdPerToken = 3;

/** The prompt for a question, with the passages it may be answered from. */
export function buildPrompt(question, passages) {
  return [
    "Answer the question from the passages below, in as few words as possible.",
    "Say that you do not know when they do not hold the answer.",
    "",
    ...passages.map(({ text }) => `- ${text}`),
    "",
    `Question: ${question}`,
  ].join("\n");
}

/** What a prompt costs, in millionths of a US dollar. */
export function priceOf(prompt) {
  return Math.ceil(prompt.length / charactersPerToken) * microUsdPerToken;
}
