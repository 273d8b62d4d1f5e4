/** How a command finds the gateway and proves who asks; the same `.env` as the services'. */
import { findSettingsFiles } from "@council/runtime/settings-files";
import { defineSettings, formatFaults, loadSettings } from "@council/runtime/settings";
import { CommandError } from "./exit-codes.ts";

export const clientSettings = defineSettings({
  url: {
    env: "COUNCIL_URL",
    kind: "url",
    schemes: ["http", "https"],
    meaning: "The gateway that commands ask; default: this machine, at `COUNCIL_HTTP_PORT`.",
  },
  httpPort: {
    env: "COUNCIL_HTTP_PORT",
    kind: "integer",
    default: 8080,
    min: 0,
    max: 65_535,
    meaning: "Port of the gateway on this machine, where `COUNCIL_URL` is not set.",
  },
  operatorToken: {
    env: "COUNCIL_OPERATOR_TOKEN",
    kind: "secret",
    meaning: "Bearer token that is sent with each question; the gateway's own.",
  },
  sender: {
    env: "COUNCIL_SENDER",
    kind: "string",
    max: 100,
    meaning: "Who submits; default: the only sender of `COUNCIL_WEBHOOK_SECRETS`.",
  },
  webhookSecrets: {
    env: "COUNCIL_WEBHOOK_SECRETS",
    kind: "secret",
    meaning: "Where the sender's secret is found: `sender=whsec_<base64>`, as the gateway has it.",
  },
});

/** What the environment and the files of this folder say. Throws CommandError `configuration`. */
export async function readClientSettings(folder = ".") {
  const files = await findSettingsFiles(process.env, folder);
  const loaded = await loadSettings(clientSettings, { env: process.env, ...files });
  if (loaded.kind === "loaded") return loaded.values;
  throw new CommandError("configuration", formatFaults(loaded.faults));
}
