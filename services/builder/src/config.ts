import { busSettings, defineSettings, repositorySettings } from "@council/runtime";

export const settings = {
  ...busSettings,
  ...repositorySettings,
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
      oneOf: ["command", "recorded"],
      required: true,
      meaning: "Who writes the code: a command run in the sandbox, or recorded renders.",
    },
    family: {
      env: "COUNCIL_BUILDER_FAMILY",
      kind: "string",
      default: "unnamed",
      meaning:
        "Family of the model behind the builder; two builders of one family are not independent.",
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
