import type { Finding } from "@council/domain";
import { fileRule, type Rule } from "./rule.ts";

const limits = { files: 200, lines: 5000, lineLength: 10_000 };

/** What is too large to be looked at properly does not land. */
const patchSize: Rule = ({ files }) => {
  const lines = files.reduce((sum, file) => sum + file.added.length, 0);
  if (files.length <= limits.files && lines <= limits.lines) return [];
  const message = `${files.length} files and ${lines} new lines; at most ${limits.files} and ${limits.lines} can be audited`;
  const finding: Finding = {
    ruleId: "patch-size",
    severity: "error",
    isHard: false,
    message,
    remedy: "split the patch",
  };
  return [finding];
};

const lineLength: Rule = ({ files }) =>
  files.flatMap((file) => {
    const long = file.added.find(({ text }) => text.length > limits.lineLength);
    if (!long) return [];
    const message = `a line of ${long.text.length} characters cannot be audited`;
    const { path } = file.change;
    return [
      {
        ruleId: "line-length",
        severity: "error",
        isHard: false,
        path,
        line: long.line,
        message,
        remedy: "break the line",
      },
    ];
  });

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
