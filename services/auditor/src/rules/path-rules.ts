import { fileRule, pathRule, type Rule } from "./rule.ts";

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

const gitHook = pathRule(
  {
    ruleId: "git-hook",
    severity: "error",
    isHard: true,
    message: "a hook would run on the machine of everybody who commits",
    remedy: "let an operator change it outside the gate",
  },
  [
    "**/{.husky,.githooks,githooks}/**",
    "**/{.pre-commit-config.yaml,lefthook.yml,lefthook.yaml,.lefthook.yml}",
  ],
);

const repositoryControl = pathRule(
  {
    ruleId: "repository-control",
    severity: "question",
    isHard: false,
    message: "the file changes how the repository is read, built or reviewed",
    remedy: "send it as a change of its own, to be decided by a person",
  },
  [
    "**/.gitattributes",
    "**/.gitmodules",
    "**/.gitconfig",
    "**/.mailmap",
    "**/{.npmrc,.yarnrc,.yarnrc.yml,.pnpmfile.cjs,pnpm-workspace.yaml,.pypirc,pip.conf}",
    "**/{CODEOWNERS,OWNERS}",
    "{.github,.gitlab,.circleci,.buildkite,.drone,.forgejo,.gitea}/**",
    "**/{.gitlab-ci.yml,.travis.yml,.drone.yml,azure-pipelines.yml,bitbucket-pipelines.yml}",
    "**/{Jenkinsfile,appveyor.yml,renovate.json}",
    "**/{.yarn,.vscode,.devcontainer,.idea}/**",
  ],
);

/** What runs the tests decides what they prove. */
const testSettings =
  /(^|\/)((vitest|jest|playwright|karma|cypress|ava|wdio)[.-](config|conf|setup|workspace)\.([cm]?[jt]s|json)|\.(mocharc|nycrc|c8rc|taprc)(\.\w{1,5})?|conftest\.py|pytest\.ini|tox\.ini|noxfile\.py)$/i;

const testConfig = fileRule(
  {
    ruleId: "test-configuration",
    severity: "question",
    isHard: false,
    message: "the file decides which tests run and how",
    remedy: "send it as a change of its own, to be decided by a person",
  },
  ({ change }) => testSettings.test(change.path),
);

const agentInstructions = pathRule(
  {
    ruleId: "agent-instructions",
    severity: "question",
    isHard: false,
    message: "the file instructs the agents that write patches",
    remedy: "let a person change it",
  },
  [
    "**/{AGENTS,CLAUDE,GEMINI}{,.local,.override}.md",
    "**/.cursor/**",
    "**/.cursorrules",
    "**/{.windsurf,.claude,.aider,.continue,.codex,.gemini,.kiro,.roo}/**",
    "**/{.windsurfrules,.clinerules,.roorules,.aider.conf.yml,.mcp.json,mcp.json}",
    "**/{CONVENTIONS.md,llms.txt,SKILL.md,copilot-instructions.md}",
    "**/*.{instructions,prompt,chatmode}.md",
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

export const pathRules: readonly Rule[] = [
  gateConfig,
  gitHook,
  repositoryControl,
  testConfig,
  agentInstructions,
  fileModes,
  executable,
];
