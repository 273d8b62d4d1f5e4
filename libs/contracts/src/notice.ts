import type { PageLevel, PageTopic } from "@council/domain";
import { z } from "zod";

export const noticeLevels = ["info", "warning", "critical"] as const satisfies PageLevel[];
const topics = [
  "settled",
  "held",
  "vote-refused",
  "reverted",
  "revert-blocked",
  "rollback-overdue",
  "recovered",
  "not-recovered",
] as const satisfies PageTopic[];

/** What people are told of a patch; the body of a generic webhook, and what Slack and pagers are told in their own words. */
export const noticeSchema = z.strictObject({
  v: z.literal(1),
  /** The same for every sending of the same notice. */
  id: z.string().min(1).max(200),
  type: z.literal("council.notice"),
  level: z.enum(noticeLevels),
  about: z.enum(topics),
  /** What happened, and why. */
  text: z.string().max(10_000),
  /** Milliseconds since the epoch. */
  at: z.number().int(),
  patch: z.strictObject({
    id: z.string().min(1).max(200),
    repository: z.string().max(200),
    targetBranch: z.string().max(200),
    title: z.string().max(200),
    author: z.string().max(200),
    externalId: z.string().max(200).exactOptional(),
  }),
  links: z.strictObject({ patch: z.string().max(2000), runbook: z.string().max(2000) }),
});
export type Notice = z.infer<typeof noticeSchema>;
