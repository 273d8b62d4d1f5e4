import type { EvidenceBundle, PatchDetail } from "@council/contracts";
import { evolve, type PatchEvent, type PatchState } from "@council/domain";
import { describe, expect, test } from "vitest";
import { replayPatch } from "./replay-patch.ts";
import { bundleOf, history, patch } from "./testing/patch-history.ts";

const events = history();
const bundle = bundleOf(events);
const state = events.reduce<PatchState | undefined>(evolve, undefined)!;
const detail = JSON.parse(
  JSON.stringify({ id: patch.id, kind: state.kind, sequence: events.length, dossier: state }),
) as PatchDetail;

/** The ledger with one character of an entry changed, and its chain as it was. */
const flipped = (type: PatchEvent["type"], from: string, to: string): EvidenceBundle => ({
  ...bundle,
  entries: bundle.entries.map((entry) =>
    entry.event.type === type
      ? (JSON.parse(JSON.stringify(entry).replace(from, to)) as typeof entry)
      : entry,
  ),
});

describe("a replay", () => {
  test("P9: of a history gives what is shown", () => {
    expect(replayPatch(bundle, detail)).toEqual({
      kind: "equal",
      entries: events.length,
      state: "watching",
    });
  });

  test("P9: one changed byte of the ledger is found, and its entry named", () => {
    const at = events.findIndex(({ type }) => type === "Landed") + 1;
    expect(replayPatch(flipped("Landed", "dddd", "dddc"), detail)).toEqual({
      kind: "different",
      differences: [expect.stringContaining(`ledger: entry ${at}:`)],
    });
  });

  test("a verdict that does not follow from the votes is named, also under a chain written anew", () => {
    const bent = events.map((event) =>
      event.type === "VerdictReached"
        ? { ...event, verdict: { ...event.verdict, kind: "rejected" } }
        : event,
    );
    expect(replayPatch(bundleOf(bent as PatchEvent[]), detail)).toMatchObject({
      differences: expect.arrayContaining([
        expect.stringContaining("verdict: does not follow from the votes"),
      ]) as unknown,
    });
  });

  test("what is shown otherwise than the ledger gives is named", () => {
    const votes = detail.dossier!.votes.slice(1);
    const shown = { ...detail, kind: "settled", dossier: { ...detail.dossier!, votes } } as const;
    expect(replayPatch(bundle, shown)).toEqual({
      kind: "different",
      differences: [
        "state: the ledger gives watching, the gateway shows settled",
        "votes: the gateway shows something else than the ledger gives",
      ],
    });
  });
});
