import { fileRule, isTest, pathRule, type Rule } from "./rule.ts";

/** P10: no patch may change what judges it. */
const gateConfig = pathRule(
  {
    ruleId: "gate-config",
    severity: "error",
    isHard: true,
    message: "the patch changes the gate's own configuration",
    remedy: "let an operator change it outside the gate",
  },
  [".council/**", "council.{yml,yaml,json}", "**/council.policy.{yml,yaml}"],
);

const repositoryControl = pathRule(
  {
    ruleId: "repository-control",
    severity: "error",
    isHard: false,
    message: "the file changes how the repository is read, built or reviewed",
    remedy: "send it as a change of its own, to be decided by a person",
  },
  [
    "**/.gitattributes",
    "**/.gitmodules",
    "**/.npmrc",
    "**/CODEOWNERS",
    ".github/**",
    ".gitlab-ci.yml",
    "**/.husky/**",
    ".circleci/**",
    "Jenkinsfile",
  ],
);

const agentInstructions = pathRule(
  {
    ruleId: "agent-instructions",
    severity: "error",
    isHard: false,
    message: "the file instructs the agents that write patches",
    remedy: "let a person change it",
  },
  [
    "**/AGENTS.md",
    "**/CLAUDE.md",
    "**/GEMINI.md",
    "**/.cursor/**",
    "**/.cursorrules",
    "**/.github/copilot-instructions.md",
  ],
);

const linkModes = ["120000", "160000"];
const fileModes = fileRule(
  {
    ruleId: "file-mode",
    severity: "error",
    isHard: true,
    message: "symbolic links and submodules reach outside the tree",
    remedy: "commit the file itself",
  },
  ({ change }) => linkModes.includes(change.newMode),
);

const executable = fileRule(
  {
    ruleId: "executable-file",
    severity: "error",
    isHard: false,
    message: "the file becomes a program that can be started",
    remedy: "leave its mode alone, or let a person decide",
  },
  ({ change }) => change.newMode === "100755" && change.oldMode !== "100755",
);

const deletedTests = fileRule(
  {
    ruleId: "deleted-test",
    severity: "error",
    isHard: false,
    message: "a test file is deleted",
    remedy: "keep the test, or let a person decide that it may go",
  },
  ({ change }) => change.status === "deleted" && isTest(change.path),
);

const claims = /\b(expect|assert)\w{0,30}[.(]/g;
const claimsIn = (text: string | undefined) => text?.match(claims)?.length ?? 0;

/** A test that is emptied passes like one that is deleted. */
const weakenedTests = fileRule(
  {
    ruleId: "weakened-test",
    severity: "error",
    isHard: false,
    message: "a test claims less than before",
    remedy: "keep what it claims, or let a person decide that it may go",
  },
  ({ change, before, after }) =>
    change.status !== "deleted" && isTest(change.path) && claimsIn(after) < claimsIn(before),
);

export const pathRules: readonly Rule[] = [
  gateConfig,
  repositoryControl,
  agentInstructions,
  fileModes,
  executable,
  deletedTests,
  weakenedTests,
];
