import { codeRules } from "./code-rules.ts";
import { dataRules } from "./data-rules.ts";
import { pathRules } from "./path-rules.ts";
import type { Rule } from "./rule.ts";
import { secretRules } from "./secret-rules.ts";
import { sizeRules } from "./size-rules.ts";

/** Every rule there is; none can be switched off (P10). */
export const allRules: readonly Rule[] = [
  ...pathRules,
  ...secretRules,
  ...dataRules,
  ...codeRules,
  ...sizeRules,
];
