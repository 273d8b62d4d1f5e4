import { busSettings, defineSettings, repositorySettings, spendSettings } from "@council/runtime";
import { noticeSettings } from "./notices/notice-settings.ts";

export const settings = {
  ...busSettings,
  ...repositorySettings,
  ...spendSettings,
  ...noticeSettings,
  ...defineSettings({
    keyringFile: {
      env: "COUNCIL_KEYRING_FILE",
      kind: "path",
      required: true,
      meaning: "JSON object from head to the public key (PEM, Ed25519) its votes are checked with.",
    },
    trafficSecret: {
      env: "COUNCIL_TRAFFIC_SECRET",
      kind: "secret",
      meaning: "Signs the orders to traffic services (`traffic` of kind `http`): `whsec_<base64>`.",
    },
    gitName: {
      env: "COUNCIL_GIT_NAME",
      kind: "string",
      default: "Council",
      meaning: "Author and committer name of the commits Council makes.",
    },
    gitEmail: {
      env: "COUNCIL_GIT_EMAIL",
      kind: "string",
      default: "council@localhost",
      meaning: "Author and committer address of the commits Council makes.",
    },
    gitSigningKeyFile: {
      env: "COUNCIL_GIT_SIGNING_KEY_FILE",
      kind: "path",
      meaning:
        "OpenSSH private key (Ed25519, no passphrase) that signs every commit Council makes; absent: they are not signed.",
    },
  }),
} as const;
