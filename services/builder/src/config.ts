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
    slot: {
      env: "COUNCIL_BUILDER_SLOT",
      kind: "string",
      oneOf: ["a", "b"],
      required: true,
      meaning: "Which of the two independent renders this process makes.",
    },
    provider: {
      env: "COUNCIL_BUILDER_PROVIDER",
      kind: "string",
      oneOf: ["command", "recorded", "anthropic", "openai", "gemini", "openai-compatible"],
      required: true,
      meaning:
        "Who writes the code: a command run in the sandbox, recorded renders, or a model of this provider.",
    },
    family: {
      env: "COUNCIL_BUILDER_FAMILY",
      kind: "string",
      default: "unnamed",
      meaning:
        "Family of the model behind the builder; a model's name tells its own. Two of one family are not independent.",
    },
    model: {
      env: "COUNCIL_BUILDER_MODEL",
      kind: "string",
      max: 200,
      meaning: "Providers with a model: its name, as the provider writes it; there is no default.",
    },
    baseUrls: {
      env: "COUNCIL_BUILDER_BASE_URL",
      kind: "list",
      default: [],
      max: 5,
      meaning:
        "Providers with a model: endpoints in the order of preference; none is the provider's own. Required for `openai-compatible`.",
    },
    apiKey: {
      env: "COUNCIL_BUILDER_API_KEY",
      kind: "secret",
      meaning: "Key of this builder alone; else that of the provider is used.",
    },
    maxOutputTokens: {
      env: "COUNCIL_BUILDER_MAX_OUTPUT_TOKENS",
      kind: "integer",
      default: 16_000,
      min: 500,
      max: 200_000,
      unit: "tokens",
      meaning:
        "Longest answer of a model, reasoning included; it decides what a render is reserved at.",
    },
    maxContextBytes: {
      env: "COUNCIL_BUILDER_MAX_CONTEXT_BYTES",
      kind: "integer",
      default: 200_000,
      min: 1_000,
      max: 4_000_000,
      unit: "bytes",
      meaning: "Source text a model is shown in one question; of a larger tree it names the files.",
    },
    command: {
      env: "COUNCIL_BUILDER_COMMAND",
      kind: "string",
      default: "[]",
      meaning: "Provider `command`: the program and its arguments, as a JSON array.",
    },
    recordings: {
      env: "COUNCIL_BUILDER_RECORDINGS",
      kind: "path",
      default: ".council/recordings",
      meaning: "Provider `recorded`: the folder of recordings, one JSON file per task digest.",
    },
    programPaths: {
      env: "COUNCIL_BUILDER_PATHS",
      kind: "list",
      default: [],
      meaning:
        "Provider `command`: folders or files outside /usr the program needs to see, read-only.",
    },
    allowsNetwork: {
      env: "COUNCIL_BUILDER_NETWORK",
      kind: "boolean",
      default: false,
      meaning: "Provider `command`: whether the program may use the network.",
    },
    timeoutMs: {
      env: "COUNCIL_BUILDER_TIMEOUT",
      kind: "durationMs",
      default: "5m",
      meaning: "How long one render may take.",
    },
  }),
} as const;
