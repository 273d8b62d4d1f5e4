import type { Finding } from "@council/domain";
import { isTest, pathRule, type Rule, type RuleVoice } from "./rule.ts";

/** P10: no patch may change what judges it. */
const gateConfig = pathRule(
  {
    ruleId: "gate-config",
    severity: "error",
    isHard: true,
    message: "the patch changes the gate's own configuration",
    remedy: "let an operator change it outside the gate",
  },
  [".council/**", "council.y?(a)ml", "council.json", "**/council.policy.y?(a)ml"],
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

const badMode: RuleVoice = {
  ruleId: "file-mode",
  severity: "error",
  isHard: true,
  message: "symbolic links and submodules reach outside the tree",
  remedy: "commit the file itself",
};

const fileModes: Rule = ({ files }) =>
  files
    .filter(({ change }) => change.newMode === "120000" || change.newMode === "160000")
    .map(({ change }): Finding => ({ ...badMode, path: change.path }));

const deletedTest: RuleVoice = {
  ruleId: "deleted-test",
  severity: "error",
  isHard: false,
  message: "a test file is deleted",
  remedy: "keep the test, or let a person decide that it may go",
};

const deletedTests: Rule = ({ files }) =>
  files
    .filter(({ change }) => change.status === "deleted" && isTest(change.path))
    .map(({ change }): Finding => ({ ...deletedTest, path: change.path }));

export const pathRules: readonly Rule[] = [
  gateConfig,
  repositoryControl,
  agentInstructions,
  fileModes,
  deletedTests,
];
