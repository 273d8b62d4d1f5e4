/** `GET /v1/patches/:id/why`: why a patch was taken back, from its ledger alone (P5). */
import { type WhyCard, whyCardOf } from "@council/domain";
import type { BusCall } from "./bounded-bus.ts";
import type { PatchPlace } from "./patch-names.ts";
import { GatewayError } from "./problems.ts";
import { readPatch } from "./read-patches.ts";

/** Throws GatewayError `revert-unknown` when nothing of the patch was taken back. */
export async function explainRevert(call: BusCall, place: PatchPlace): Promise<WhyCard> {
  const { timeline } = await call((bus) => readPatch(bus, place));
  const answer = whyCardOf(timeline);
  if (answer.kind === "card") return answer.card;
  throw new GatewayError("revert-unknown", {
    field: "id",
    detail: `there is no revert to explain: ${answer.reason}`,
    remedy: `see where it is with GET /v1/patches/${place.id}`,
  });
}
