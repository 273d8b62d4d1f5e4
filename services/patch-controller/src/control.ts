import type { Bus, Delivery, Outcome } from "@council/bus";
import { controlSubject, type StoredControl } from "@council/contracts";
import { z } from "zod";

/** The partition that holds what concerns all of Council. */
const controlPartition = 0;

const pauseSchema = z.strictObject({
  type: z.enum(["pause", "resume"]),
  actor: z.string(),
  reason: z.string(),
});

/** Whether landings are paused at this moment. */
export async function readIsPaused(bus: Bus): Promise<boolean> {
  const read = await bus.readState(controlPartition, controlSubject);
  return read !== undefined && (JSON.parse(read.value) as StoredControl).isPaused;
}

/** An operator's word: landings stop or go on. Rollbacks never ask (P4). */
export async function handleControl(bus: Bus, delivery: Delivery, now: number): Promise<Outcome> {
  const { type, actor, reason } = pauseSchema.parse(delivery.message.body);
  // Said anywhere else it would be kept and never read: landings would seem paused, and go on.
  if (delivery.partition !== controlPartition)
    throw new Error(`the control subject lives in partition ${controlPartition}`);
  const read = await bus.readState(delivery.partition, controlSubject);
  const control: StoredControl = { isPaused: type === "pause", actor, reason, at: now };
  const expectedVersion = read?.version ?? 0;
  return { state: { subject: controlSubject, expectedVersion, value: JSON.stringify(control) } };
}
