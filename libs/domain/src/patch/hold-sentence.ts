import { stopSentence } from "../governance/stop.ts";
import type { HoldReason } from "./event.ts";

/** Why a patch is held, in one sentence, and until when where that is known. */
export function holdSentence(reason: HoldReason): string {
  switch (reason.kind) {
    case "undecided":
      return `no quorum: ${reason.verdict.reason.detail}`;
    case "autonomy":
    case "budget":
      return reason.detail;
    case "inconclusive":
      return `${reason.stage}: ${reason.observation.why}`;
    case "suspected":
      return `${reason.stage}: harm is being traced to one of the live patches: ${reason.observation.why}`;
    case "paused":
      return "landings are paused";
    case "stopped":
      return stopSentence(reason.stop);
    case "frozen":
      return `landings are frozen until ${new Date(reason.until).toISOString()}: ${reason.reason}`;
    case "limited":
      return `${reason.detail}; it may land from ${new Date(reason.until).toISOString()} on`;
  }
}
