import type { Deadlines, Delivery, Outcome } from "@council/bus";
import { idAfter, inboxes, readAssignment } from "@council/contracts";
import { stamped } from "@council/runtime";

/** Sets the clock for a decision; when it rings, the patch gets a message and nothing else happens. */
export async function armDeadline(deadlines: Deadlines, delivery: Delivery): Promise<Outcome> {
  const assignment = readAssignment(delivery.message.body, ["set-deadline"]);
  if (!assignment) throw new Error(`not a deadline: ${delivery.message.type}`);
  const { deadline, epoch, dueAt } = assignment.effect;
  const { subject, correlationId, id } = delivery.message;
  await deadlines.armDeadline({
    partition: delivery.partition,
    subject,
    name: deadline,
    epoch: `${epoch}-${dueAt}`,
    dueAt,
    inbox: inboxes.patchController,
    message: stamped({
      v: 1 as const,
      id: idAfter(id, "d"),
      type: "reach-deadline",
      subject,
      correlationId,
      causationId: id,
      at: dueAt,
      body: { type: "reach-deadline", deadline, epoch },
    }),
  });
  return {};
}
