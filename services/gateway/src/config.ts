import { busSettings, defineSettings, repositorySettings, spendSettings } from "@council/runtime";

const { redisUrl, keyPrefix, partitions } = busSettings;

export const settings = {
  redisUrl,
  keyPrefix,
  partitions,
  ...repositorySettings,
  ...spendSettings,
  ...defineSettings({
    httpHost: {
      env: "COUNCIL_HTTP_HOST",
      kind: "string",
      default: "127.0.0.1",
      meaning: "Address the gateway listens on.",
    },
    httpPort: {
      env: "COUNCIL_HTTP_PORT",
      kind: "integer",
      default: 8080,
      min: 0,
      max: 65_535,
      meaning: "Port the gateway listens on; 0 takes a free one.",
    },
    webhookSecrets: {
      env: "COUNCIL_WEBHOOK_SECRETS",
      kind: "secret",
      meaning:
        "Who may submit: `sender=whsec_<base64>`, comma separated; a sender may stand twice while its secret changes.",
    },
    githubWebhookSecret: {
      env: "COUNCIL_GITHUB_WEBHOOK_SECRET",
      kind: "secret",
      meaning: "Secret of the GitHub webhook; without it GitHub deliveries are refused.",
    },
    giteaWebhookSecret: {
      env: "COUNCIL_GITEA_WEBHOOK_SECRET",
      kind: "secret",
      meaning:
        "Secret of the webhook at Gitea or Forgejo; without it their deliveries are refused.",
    },
    gitlabWebhookSecret: {
      env: "COUNCIL_GITLAB_WEBHOOK_SECRET",
      kind: "secret",
      meaning:
        "Signing token (`whsec_…`) of the webhook at GitLab, or its secret token; without it their deliveries are refused.",
    },
    forgePollMs: {
      env: "COUNCIL_FORGE_POLL",
      kind: "durationMs",
      default: "5m",
      min: 1000,
      meaning: "How often the forges are asked for changes that no delivery told of.",
    },
    forgeLookBackMs: {
      env: "COUNCIL_FORGE_LOOK_BACK",
      kind: "durationMs",
      default: "1h",
      min: 60_000,
      meaning:
        "A change at a forge that was not touched for longer is left alone until its next delivery.",
    },
    otlpToken: {
      env: "COUNCIL_OTLP_TOKEN",
      kind: "secret",
      meaning:
        "Bearer token of telemetry pipelines that send OTLP metrics; without it these are signed like samples.",
    },
    operatorToken: {
      env: "COUNCIL_OPERATOR_TOKEN",
      kind: "secret",
      meaning:
        "Bearer token of one admin, for operator actions and for reading; may be left out where the operators file names an admin.",
    },
    operatorsFile: {
      env: "COUNCIL_OPERATORS",
      kind: "path",
      meaning:
        "File (YAML or JSON) of the people who may act, with their roles and tokens; see approvals.md.",
    },
    readAccess: {
      env: "COUNCIL_READ_ACCESS",
      kind: "string",
      oneOf: ["token", "open"],
      default: "token",
      meaning:
        "Whether reading needs the operator token; `open` lets requests addressed to this machine by its loopback name or to the configured host read without it.",
    },
    rollbackTimeoutMs: {
      env: "PATCHCTL_ROLLBACK_TIMEOUT",
      kind: "durationMs",
      unit: "s",
      default: "90s",
      min: 1000,
      meaning:
        "How long a revert may take before a person is called; a repository may set its own.",
    },
    accuracyThreshold: {
      env: "ACCURACY_BASELINE_THRESHOLD",
      kind: "number",
      unit: "ratio",
      default: 0.95,
      min: 0,
      max: 1,
      meaning: "Accuracy below which a patch is taken back; a repository may set its own rules.",
    },
    ratePerSecond: {
      env: "COUNCIL_SENDER_RATE",
      kind: "number",
      unit: "patches per second",
      default: 50,
      min: 0.01,
      meaning: "How many patches one sender may submit per second in the long run.",
    },
    rateBurst: {
      env: "COUNCIL_SENDER_BURST",
      kind: "integer",
      unit: "patches",
      default: 200,
      min: 1,
      meaning: "How many patches one sender may submit at once.",
    },
    drillReports: {
      env: "COUNCIL_DRILL_REPORTS",
      kind: "path",
      meaning:
        "Folder of the reports of `council drill`, for `GET /v1/drills`; default: `drills` in the data folder.",
    },
    drillWithinMs: {
      env: "COUNCIL_DRILL_WITHIN",
      kind: "durationMs",
      default: "30d",
      min: 3_600_000,
      meaning: "How long a passed comprehensive drill proves the rules it was made with.",
    },
  }),
} as const;
