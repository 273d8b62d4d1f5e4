/** Every command: its name, what it is for, and where it lives. A command is loaded when it is asked for. */
import type { Command } from "commander";

export interface CommandEntry {
  readonly name: string;
  readonly about: string;
  readonly group: string;
  /** Resolves to what gives the command its arguments, options and deed. */
  readonly load: () => Promise<(command: Command) => void>;
}

const patches = "Patches:";
const operation = "Operation:";
const evidence = "Evidence:";
const rules = "Rules and tools:";
const setup = "Set up:";

export const commands: readonly CommandEntry[] = [
  {
    name: "submit",
    about: "submit a diff or a task, signed by its sender; prints the patch's id",
    group: patches,
    load: async () => (await import("./submit-command.ts")).fillSubmitCommand,
  },
  {
    name: "status",
    about: "where everything stands, or one patch",
    group: patches,
    load: async () => (await import("./status-command.ts")).fillStatusCommand,
  },
  {
    name: "watch",
    about: "what happens as it happens; of one patch until it is at rest",
    group: patches,
    load: async () => (await import("./watch-command.ts")).fillWatchCommand,
  },
  {
    name: "show",
    about: "a whole patch: states, votes (dissent first), reasons, diff, why-card",
    group: patches,
    load: async () => (await import("./show-command.ts")).fillShowCommand,
  },
  {
    name: "approve",
    about: "let a patch that is held go on",
    group: patches,
    load: async () => (await import("./approve-command.ts")).fillApproveCommand,
  },
  {
    name: "deny",
    about: "say no to a patch that waits for a person",
    group: patches,
    load: async () => (await import("./deny-command.ts")).fillDenyCommand,
  },
  {
    name: "hold",
    about: "let a patch land no further until the hold is lifted; rollbacks go on",
    group: patches,
    load: async () => (await import("./stop-command.ts")).fillHoldCommand,
  },
  {
    name: "rollback",
    about: "take a patch back from every branch it is on, verified",
    group: patches,
    load: async () => (await import("./rollback-command.ts")).fillRollbackCommand,
  },
  {
    name: "withdraw",
    about: "take a patch out before anything of it has landed",
    group: patches,
    load: async () => (await import("./withdraw-command.ts")).fillWithdrawCommand,
  },
  {
    name: "revert-plan",
    about: "what would have to be taken back with a patch, in which order, and why",
    group: patches,
    load: async () => (await import("./revert-plan-command.ts")).fillRevertPlanCommand,
  },
  {
    name: "re-land",
    about: "bring a patch that was taken back again, as a new patch that is audited in full",
    group: patches,
    load: async () => (await import("./re-land-command.ts")).fillReLandCommand,
  },
  {
    name: "release",
    about: "let the change of a reverted patch be submitted again",
    group: patches,
    load: async () => (await import("./release-command.ts")).fillReleaseCommand,
  },
  {
    name: "bypass",
    about: "let one patch past freezes and quotas, for admins",
    group: patches,
    load: async () => (await import("./bypass-command.ts")).fillBypassCommand,
  },
  {
    name: "pause",
    about: "land nothing more; rollbacks go on",
    group: operation,
    load: async () => (await import("./pause-command.ts")).fillPauseCommand,
  },
  {
    name: "resume",
    about: "let patches land again",
    group: operation,
    load: async () => (await import("./resume-command.ts")).fillResumeCommand,
  },
  {
    name: "stop",
    about: "stop a repository, author, builder, head or patch; rollbacks go on",
    group: operation,
    load: async () => (await import("./stop-command.ts")).fillStopCommand,
  },
  {
    name: "lift",
    about: "end such a stop, or a quarantine",
    group: operation,
    load: async () => (await import("./stop-command.ts")).fillLiftCommand,
  },
  {
    name: "stops",
    about: "what is stopped, frozen, over its quota or waived, and which changes are refused",
    group: operation,
    load: async () => (await import("./stops-command.ts")).fillStopsCommand,
  },
  {
    name: "waive",
    about: "let what a rule finds in some files hold nothing up for a time, for admins",
    group: operation,
    load: async () => (await import("./waive-command.ts")).fillWaiveCommand,
  },
  {
    name: "end-waiver",
    about: "end such a waiver",
    group: operation,
    load: async () => (await import("./waive-command.ts")).fillEndWaiverCommand,
  },
  {
    name: "delegate",
    about: "name a stand-in for your approvals",
    group: operation,
    load: async () => (await import("./delegate-command.ts")).fillDelegateCommand,
  },
  {
    name: "cost",
    about: "what paid calls cost, what is left of each cap, and why spending has stopped",
    group: operation,
    load: async () => (await import("./cost-command.ts")).fillCostCommand,
  },
  {
    name: "dlq",
    about: "messages that failed too often: list, show, redrive",
    group: operation,
    load: async () => (await import("./dlq-command.ts")).fillDlqCommand,
  },
  {
    name: "drill",
    about: "break a Council of its own on purpose, and see whether it holds",
    group: operation,
    load: async () => (await import("./drill-command.ts")).fillDrillCommand,
  },
  {
    name: "why",
    about: "why a patch was taken back: rule, numbers, events, and what would have kept it",
    group: evidence,
    load: async () => (await import("./why-command.ts")).fillWhyCommand,
  },
  {
    name: "bundle",
    about: "the evidence bundle of a patch: ledger, sealed votes, diffs; for `council verify`",
    group: evidence,
    load: async () => (await import("./bundle-command.ts")).fillBundleCommand,
  },
  {
    name: "verify",
    about: "check an evidence bundle offline: signatures, digests, chain, verdicts",
    group: evidence,
    load: async () => (await import("./verify-command.ts")).fillVerifyCommand,
  },
  {
    name: "replay",
    about: "compute a patch again from its ledger, and compare with what is shown",
    group: evidence,
    load: async () => (await import("./replay-command.ts")).fillReplayCommand,
  },
  {
    name: "verify-commit",
    about: "check a commit of Council's: trailers, signature, and its tree against the ledger",
    group: evidence,
    load: async () => (await import("./verify-commit-command.ts")).fillVerifyCommitCommand,
  },
  {
    name: "init",
    about: "make the folder of an installation: configuration, secrets, keys",
    group: setup,
    load: async () => (await import("./init-command.ts")).fillInitCommand,
  },
  {
    name: "doctor",
    about: "what an installation needs, what is missing, and what to do about it",
    group: setup,
    load: async () => (await import("./doctor-command.ts")).fillDoctorCommand,
  },
  {
    name: "support-bundle",
    about: "what somebody who helps needs to know of this installation, without secrets",
    group: setup,
    load: async () => (await import("./support-bundle-command.ts")).fillSupportBundleCommand,
  },
  {
    name: "up",
    about: "run every service of the installation in a folder, until Ctrl-C",
    group: setup,
    load: async () => (await import("./up-command.ts")).fillUpCommand,
  },
  {
    name: "completion",
    about: "what a shell needs to complete commands and options: bash, zsh, fish",
    group: setup,
    load: async () => (await import("./completion-command.ts")).fillCompletionCommand,
  },
  {
    name: "config",
    about: "the settings of this folder: explain, check",
    group: setup,
    load: async () => (await import("./config-command.ts")).fillConfigCommand,
  },
  {
    name: "accuracy",
    about: "how rightly a repository answers its benchmark set, and the score it is held to",
    group: rules,
    load: async () => (await import("./accuracy-command.ts")).fillAccuracyCommand,
  },
  {
    name: "policy",
    about: "what decides over the patches of a repository: check, shadow, noise",
    group: rules,
    load: async () => (await import("./policy-command.ts")).fillPolicyCommand,
  },
  {
    name: "diff",
    about: "compare two files or folders by their syntax, side by side",
    group: rules,
    load: async () => (await import("./diff-command.ts")).fillDiffCommand,
  },
  {
    name: "demo",
    about: "the whole of Council on a sample product: one good patch lands, four bad ones go back",
    group: rules,
    load: async () => (await import("./demo-command.ts")).fillDemoCommand,
  },
];
