import { forbiddenPath, oversizedDiff, unsafeDiff } from "../head.ts";
import { ruleFailed } from "./apply-rules.ts";
import { codeRules } from "./code-rules.ts";
import { dataRules } from "./data-rules.ts";
import { dependencyRules } from "./dependency-rules.ts";
import { lockRules } from "./lock-rules.ts";
import { pathRules } from "./path-rules.ts";
import { regexRules } from "./regex-rules.ts";
import type { Rule, RuleVoice } from "./rule.ts";
import { secretRules } from "./secret-rules.ts";
import { sizeRules } from "./size-rules.ts";
import { syntaxRules } from "./syntax-rules.ts";
import { testRules } from "./test-rules.ts";
import { textRules } from "./text-rules.ts";

/** Every rule there is; none can be switched off (P10). */
export const allRules: readonly Rule[] = [
  ...pathRules,
  ...secretRules,
  ...dataRules,
  ...textRules,
  ...codeRules,
  ...syntaxRules,
  ...testRules,
  ...regexRules,
  ...dependencyRules,
  ...lockRules,
  ...sizeRules,
];

/** Everything the rules can say, once each. */
export const allVoices: readonly RuleVoice[] = [
  ...new Map(
    [
      forbiddenPath,
      unsafeDiff,
      oversizedDiff,
      ruleFailed,
      ...allRules.flatMap(({ voices }) => voices),
    ].map((voice) => [voice.ruleId, voice]),
  ).values(),
];
