/**
 * Tells people. The notifier says it in the log and counts it, and in the same commit writes one message
 * for every channel whose levels it has (P1: their ids follow from its own). Each channel is a consumer of
 * an inbox of its own: what fails is tried again there and set aside in the end, and delays no other.
 *
 * A channel may see a notice twice, when a process dies between its answer and the commit: the id of the
 * delivery and the key of the incident are the same both times.
 */
import type { Delivery, Handler, Outcome } from "@council/bus";
import {
  idAfter,
  inboxes,
  noticeChannelNames,
  noticeSchema,
  readAssignment,
} from "@council/contracts";
import type { Log, Metrics } from "@council/runtime";
import { describeNotice, type NoticeLinks } from "./describe-notice.ts";
import type { Channel } from "./notice-channels.ts";

export interface Telling {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly channels: readonly Channel[];
  readonly links: NoticeLinks;
}

/** Tries go on for about 25 minutes. */
const mostTries = 13;
export const noticeBackoffMs = (tries: number) => Math.min(300_000, 1000 * 2 ** (tries - 1));

/** The consumers that tell people, one for what is to be said and one for each channel. */
export function noticeConsumers(telling: Telling) {
  const sent = telling.metrics.counter({
    name: "council_notices_sent_total",
    help: "Notices a channel took, and tries it did not take, by channel.",
    labels: { channel: noticeChannelNames, outcome: ["taken", "failed"] },
  });
  const count = (channel: string, outcome: string) => sent.add(1, { channel, outcome });
  return [
    { inbox: inboxes.notifier, handler: noticeSender(telling) },
    ...telling.channels.map((channel) => ({
      inbox: inboxes.notice(channel.name),
      handler: channelSender(channel, count),
      concurrency: 4,
      maxDeliveries: mostTries,
      backoffMs: noticeBackoffMs,
    })),
  ];
}

function noticeSender({ log, metrics, channels, links }: Telling): Handler {
  const notices = metrics.counter({
    name: "council_notices_total",
    help: "Notices to people, by level.",
    labels: { level: ["info", "warning", "critical"] },
  });
  return ({ message }: Delivery): Promise<Outcome> => {
    const assignment = readAssignment(message.body, ["page"]);
    if (!assignment) throw new Error(`not a notice: ${message.type}`);
    const { level, text } = assignment.effect;
    notices.add(1, { level });
    const line = { patchId: assignment.patch.id, title: assignment.patch.title, level };
    if (level === "info") log.info(line, text);
    else log.warn(line, text);
    const body = describeNotice(assignment, message, links);
    const { id, subject, correlationId, at } = message;
    const told = channels.filter(({ levels }) => levels.includes(level));
    const messages = told.map(({ name }) => ({
      inbox: inboxes.notice(name),
      message: {
        v: 1 as const,
        id: idAfter(id, name),
        type: "notice",
        subject,
        correlationId,
        causationId: id,
        at,
        body,
      },
    }));
    return Promise.resolve({ messages });
  };
}

function channelSender(
  { name, send }: Channel,
  count: (channel: string, outcome: string) => void,
): Handler {
  return async ({ message }) => {
    const notice = noticeSchema.parse(message.body);
    try {
      await send(notice);
    } catch (error) {
      count(name, "failed");
      throw error;
    }
    count(name, "taken");
    return {};
  };
}
