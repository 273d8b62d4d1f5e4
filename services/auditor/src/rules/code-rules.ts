import { isScript, isTest, joinedLiterals, lineRule, type Rule } from "./rule.ts";

const dynamicCode = lineRule(
  {
    ruleId: "dynamic-code",
    severity: "error",
    isHard: false,
    message: "text is run as code",
    remedy: "call a function instead",
  },
  (text) =>
    /\beval\s{0,20}\(|\b(new\s{1,20})?Function\s{0,20}\(|\bvm\.(runIn|compileFunction|Script)/.test(
      text,
    ),
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
  (text) => /["'`](node:)?child_process["'`]/.test(joinedLiterals(text)),
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
  (text) =>
    /NODE_TLS_REJECT_UNAUTHORIZED|rejectUnauthorized["']?\s{0,20}[:=]\s{0,20}(false|0|!1)\b/.test(
      joinedLiterals(text),
    ),
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
    /\b(it|test|describe|suite)\.(skip|only|todo|fails)\b|(?<![.\w])(xit|xtest|xdescribe|fit|fdescribe)\s{0,20}\(/.test(
      text,
    ),
  isScript,
);

/** Blank, direction-changing and tag characters, and line ends that editors show as none. */
const invisible =
  /[\u00AD\u061C\u115F-\u1160\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\u{E0000}-\u{E01EF}]/u;

/** Text that people and parsers read differently. */
const hiddenText = lineRule(
  {
    ruleId: "hidden-text",
    severity: "error",
    isHard: true,
    message: "the line holds invisible or direction-changing characters",
    remedy: "write them as escapes, or leave them out",
  },
  (text) => invisible.test(text),
);

export const codeRules: readonly Rule[] = [
  dynamicCode,
  childProcess,
  disabledTls,
  skippedTest,
  hiddenText,
];
