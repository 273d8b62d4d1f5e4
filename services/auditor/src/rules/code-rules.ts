import { isScript, isTest, lineRule, type Rule } from "./rule.ts";

const dynamicCode = lineRule(
  {
    ruleId: "dynamic-code",
    severity: "error",
    isHard: false,
    message: "text is run as code",
    remedy: "call a function instead",
  },
  (text) => /\beval\s*\(|\bnew\s+Function\s*\(|\bvm\.(runIn|compileFunction|Script)/.test(text),
  isScript,
);

const childProcess = lineRule(
  {
    ruleId: "child-process",
    severity: "error",
    isHard: false,
    message: "the code starts other programs",
    remedy: "let a person decide whether it has to",
  },
  (text) => /["'](node:)?child_process["']/.test(text),
  (path) => isScript(path) && !isTest(path),
);

const disabledTls = lineRule(
  {
    ruleId: "disabled-tls",
    severity: "error",
    isHard: true,
    message: "certificate checks are switched off",
    remedy: "trust the right certificate instead",
  },
  (text) => /NODE_TLS_REJECT_UNAUTHORIZED|rejectUnauthorized\s*:\s*false/.test(text),
);

const skippedTest = lineRule(
  {
    ruleId: "skipped-test",
    severity: "error",
    isHard: false,
    message: "a test is skipped, or the only one that runs",
    remedy: "run all tests",
  },
  (text) =>
    /\b(it|test|describe|suite)\.(skip|only|todo)\b|\b(xit|xdescribe|fit|fdescribe)\s*\(/.test(
      text,
    ),
  isScript,
);

/** Text that people and parsers read differently. */
const hiddenText = lineRule(
  {
    ruleId: "hidden-text",
    severity: "error",
    isHard: true,
    message: "the line holds invisible or direction-changing characters",
    remedy: "write them as escapes, or leave them out",
  },
  (text) =>
    /[\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF\u{E0000}-\u{E007F}]/u.test(text),
);

export const codeRules: readonly Rule[] = [
  dynamicCode,
  childProcess,
  disabledTls,
  skippedTest,
  hiddenText,
];
