import { answerInAStyle } from "./answer-in-a-style.ts";
import type { DemoPatch } from "./demo-patch.ts";
import { ignoreFillerWords } from "./ignore-filler-words.ts";
import { loadOnlyWhatIsNeeded } from "./load-only-what-is-needed.ts";
import { nameTheSource } from "./name-the-source.ts";
import { rememberTheConversation } from "./remember-the-conversation.ts";

/** In the order the demo submits them. */
export const demoPatches: readonly DemoPatch[] = [
  nameTheSource,
  loadOnlyWhatIsNeeded,
  ignoreFillerWords,
  answerInAStyle,
  rememberTheConversation,
];
