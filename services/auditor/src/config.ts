import { busSettings, defineSettings, repositorySettings } from "@council/runtime";

export const settings = {
  ...busSettings,
  ...repositorySettings,
  ...defineSettings({
    head: {
      env: "COUNCIL_HEAD",
      kind: "string",
      oneOf: ["rules", "proof", "guard", "contract"],
      required: true,
      meaning: "Which head this process is; guard is rules and proof in one seat.",
    },
    headKeyFile: {
      env: "COUNCIL_HEAD_KEY_FILE",
      kind: "path",
      required: true,
      meaning: "The head's own private key (PEM, Ed25519); no two heads share one.",
    },
  }),
} as const;
