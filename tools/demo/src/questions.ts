const capitals =
  "Argentina Buenos_Aires Australia Canberra Austria Vienna Belgium Brussels Brazil Brasilia " +
  "Bulgaria Sofia Canada Ottawa Chile Santiago Croatia Zagreb Cuba Havana Denmark Copenhagen " +
  "Egypt Cairo Estonia Tallinn Finland Helsinki France Paris Germany Berlin Ghana Accra " +
  "Greece Athens Hungary Budapest Iceland Reykjavik Ireland Dublin Italy Rome Japan Tokyo " +
  "Kenya Nairobi Latvia Riga Norway Oslo Peru Lima Poland Warsaw Portugal Lisbon " +
  "Romania Bucharest Spain Madrid Sweden Stockholm";
const elements =
  "C carbon Ca calcium Cu copper Fe iron H hydrogen He helium K potassium N nitrogen " +
  "Na sodium O oxygen Pb lead Zn zinc";

export interface KnownQuestion {
  readonly question: string;
  readonly answer: string;
}

function pairs(words: string): [string, string][] {
  const list = words.split(" ").map((word) => word.replace("_", " "));
  return list.flatMap((word, index): [string, string][] =>
    index % 2 === 0 ? [[word, list[index + 1] ?? ""]] : [],
  );
}

/** Questions users ask, with the right answers. More than a quarter are about symbols of elements. */
export const questions: readonly KnownQuestion[] = [
  ...pairs(capitals).map(([country, answer]) => ({
    question: `What is the capital of ${country}?`,
    answer,
  })),
  ...pairs(elements).map(([symbol, answer]) => ({
    question: `Which element has the symbol ${symbol}?`,
    answer,
  })),
];
