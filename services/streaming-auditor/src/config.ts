import { busSettings, defineSettings } from "@council/runtime";

export const settings = {
  ...busSettings,
  ...defineSettings({
    repositories: {
      env: "COUNCIL_REPOSITORIES",
      kind: "path",
      meaning:
        "The file that lists the repositories under guard, for their sources; without it only pushed samples are judged.",
    },
  }),
} as const;
