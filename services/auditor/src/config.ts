import {
  busSettings,
  defineSettings,
  modelSettings,
  repositorySettings,
  spendSettings,
} from "@council/runtime";

export const settings = {
  ...busSettings,
  ...repositorySettings,
  ...spendSettings,
  ...modelSettings,
  ...defineSettings({
    head: {
      env: "COUNCIL_HEAD",
      kind: "string",
      max: 60,
      required: true,
      meaning:
        "Which head this process is: `rules`, `proof`, `guard` (both in one seat), `contract`, or a seat that a model holds.",
    },
    headProvider: {
      env: "COUNCIL_HEAD_PROVIDER",
      kind: "string",
      oneOf: ["anthropic", "openai", "gemini", "openai-compatible"],
      meaning: "Whose model holds the seat; absent for the heads that ask nobody.",
    },
    headModel: {
      env: "COUNCIL_HEAD_MODEL",
      kind: "string",
      max: 200,
      meaning: "The model, as its provider names it; there is no default.",
    },
    headBaseUrls: {
      env: "COUNCIL_HEAD_BASE_URL",
      kind: "list",
      default: [],
      max: 5,
      meaning:
        "Endpoints in the order of preference; none is the provider's own. Required for `openai-compatible`.",
    },
    headApiKey: {
      env: "COUNCIL_HEAD_API_KEY",
      kind: "secret",
      meaning: "Key of this head alone; else that of the provider is used.",
    },
    headFamily: {
      env: "COUNCIL_HEAD_FAMILY",
      kind: "string",
      max: 60,
      meaning: "Maker of the model, where its name does not tell.",
    },
    headMaxOutputTokens: {
      env: "COUNCIL_HEAD_MAX_OUTPUT_TOKENS",
      kind: "integer",
      default: 4_000,
      min: 200,
      max: 100_000,
      unit: "tokens",
      meaning: "Longest answer, reasoning included; it decides what a vote is reserved at.",
    },
    headMaxDiffBytes: {
      env: "COUNCIL_HEAD_MAX_DIFF_BYTES",
      kind: "integer",
      default: 200_000,
      min: 1_000,
      max: 2_000_000,
      unit: "bytes",
      meaning: "Largest difference a model is shown; beyond it the head abstains.",
    },
    headTimeoutMs: {
      env: "COUNCIL_HEAD_TIMEOUT",
      kind: "durationMs",
      default: "4m",
      min: 1_000,
      max: 580_000,
      meaning: "How long a model may take for one vote, all tries together.",
    },
    geminiAuditEnabled: {
      env: "GEMINI_AUDIT_ENABLED",
      kind: "boolean",
      default: true,
      meaning: "Off: a head of the provider `gemini` keeps its seat, abstains and costs nothing.",
    },
    accuracyThreshold: {
      env: "ACCURACY_BASELINE_THRESHOLD",
      kind: "number",
      default: 0.95,
      min: 0,
      max: 1,
      unit: "ratio",
      meaning:
        "Least share of right answers to a repository's benchmark set, where the repository names none; for `proof` and `guard`.",
    },
    headKeyFile: {
      env: "COUNCIL_HEAD_KEY_FILE",
      kind: "path",
      required: true,
      meaning: "The head's own private key (PEM, Ed25519); no two heads share one.",
    },
  }),
} as const;
