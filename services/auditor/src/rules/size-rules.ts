import { fileRule, lineRule, type Rule, type RuleVoice } from "./rule.ts";

const limits = { files: 200, lines: 5000, lineLength: 10_000 };

const tooLarge: RuleVoice = {
  ruleId: "patch-size",
  severity: "error",
  isHard: false,
  message: `more than ${limits.files} files or ${limits.lines} new lines cannot be audited`,
  remedy: "split the patch",
};

/** What is too large to be looked at properly does not land. */
const patchSize: Rule = {
  voices: [tooLarge],
  check: ({ files }) => {
    const lines = files.reduce((sum, file) => sum + file.added.length, 0);
    if (files.length <= limits.files && lines <= limits.lines) return [];
    const message = `${tooLarge.message}: these are ${files.length} and ${lines}`;
    return [{ ...tooLarge, message }];
  },
};

const lineLength = lineRule(
  {
    ruleId: "line-length",
    severity: "error",
    isHard: false,
    message: `a line of more than ${limits.lineLength} characters cannot be audited`,
    remedy: "break the line",
  },
  (text) => text.length > limits.lineLength,
);

/** P10: what the hard rules cannot search does not land; a secret may be in it. */
const opaque = fileRule(
  {
    ruleId: "not-text",
    severity: "error",
    isHard: true,
    message: "the file is binary or too large and cannot be audited",
    remedy: "keep it out of the patch",
  },
  ({ change, after }) =>
    change.newBlob !== undefined && change.newBlob !== change.oldBlob && after === undefined,
);

export const sizeRules: readonly Rule[] = [patchSize, lineLength, opaque];
