import type { Delivery, Outcome } from "@council/bus";
import { readAssignment } from "@council/contracts";
import type { Log, Metrics } from "@council/runtime";

/** Says what a person should know, where people look: the log and a counter that alerts watch. */
export function noticeSender(log: Log, metrics: Metrics): (delivery: Delivery) => Promise<Outcome> {
  const notices = metrics.counter({
    name: "council_notices_total",
    help: "Notices to people, by level.",
    labels: { level: ["info", "warning", "critical"] },
  });
  return async (delivery) => {
    const assignment = readAssignment(delivery.message.body, ["page"]);
    if (!assignment) throw new Error(`not a notice: ${delivery.message.type}`);
    const { level, text } = assignment.effect;
    notices.add(1, { level });
    const line = { patchId: assignment.patch.id, title: assignment.patch.title, level };
    if (level === "info") log.info(line, text);
    else log.warn(line, text);
    return {};
  };
}
