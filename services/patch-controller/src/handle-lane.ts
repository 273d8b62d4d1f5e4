import type { Bus, Delivery, Outcome } from "@council/bus";
import { readAssignment } from "@council/contracts";
import { decideLane, emptyLane, type LaneState } from "@council/domain";
import { laneMessages } from "./effect-messages.ts";

/** A patch asks for its branch or gives it back; whoever is next is told, in the same commit. */
export async function handleLane(bus: Bus, delivery: Delivery, now: number): Promise<Outcome> {
  const { message, partition } = delivery;
  const assignment = readAssignment(message.body, [
    "request-lane",
    "release-lane",
    "share-lane",
    "close-lane",
    "block-lane",
    "report-harm",
  ]);
  if (!assignment) throw new Error(`not for a lane: ${message.type}`);
  const read = await bus.readState(partition, message.subject);
  const before = read ? (JSON.parse(read.value) as LaneState) : emptyLane;
  const command = { ...assignment.effect, patchId: assignment.patch.id };
  const decision = decideLane(before, command);
  return {
    state: {
      subject: message.subject,
      expectedVersion: read?.version ?? 0,
      value: JSON.stringify(decision.state),
    },
    messages: laneMessages(decision, assignment.patch.repository, message.id, now),
  };
}
