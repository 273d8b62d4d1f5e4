import { describe, expect, test } from "vitest";
import { ungoverned } from "../governance/governance.ts";
import type { Finding } from "../quorum.ts";
import type { PatchCommand } from "./command.ts";
import { decide } from "./decide.ts";
import { after, comparedOn, facts, openingOf, patchOf, person, sealOf } from "./example.ts";

const seats = [
  { head: "guard", family: "guard", mustVote: true },
  { head: "proof", family: "proof" },
];
const question: Finding = {
  ruleId: "package-script",
  severity: "question",
  isHard: false,
  path: "package.json",
  message: "a script changes",
};
const roundWith = (head: string, findings: readonly Finding[], governance = ungoverned) =>
  after(undefined, commandsWith(head, findings), facts({ governance }));
const commandsWith = (head: string, findings: readonly Finding[]): PatchCommand[] => [
  { type: "submit", patch: patchOf({ seats, autonomy: "auto-all" }) },
  {
    type: "record-comparison",
    base: "b0",
    comparison: comparedOn("b0", { paths: ["package.json"] }),
  },
  ...seats.map((seat) => sealOf(seat.head)),
  ...seats.map((seat) =>
    openingOf(seat.head, "approve", { findings: seat.head === head ? findings : [] }),
  ),
];

describe("a question among the findings", () => {
  test.each(["guard", "proof"])(
    "P10 P11: of %s holds what every head approves, until a person approves it too",
    (head) => {
      const held = roundWith(head, [question]);
      expect(held).toMatchObject({
        kind: "held",
        reason: {
          kind: "autonomy",
          detail: `${head} asks for a person: package-script in package.json`,
        },
      });
      const said = decide(held, { type: "approve", ...person }, facts());
      expect(said.kind === "accepted" && said.state?.kind).toBe("landing");
    },
  );

  test("holds nothing once it is waived, and is held where a head only says so (P10, P11)", () => {
    const waiver = {
      id: "w-1",
      repository: "shop",
      ruleId: "package-script",
      path: "package.json",
      until: 2000,
      by: person.by,
      actor: "root",
      reason: "ours",
      since: 0,
    };
    const waived = [{ ...question, waivedBy: "w-1" }];
    const inForce = (until: number) => ({ ...ungoverned, waivers: [{ ...waiver, until }] });
    const landing = roundWith("guard", waived, inForce(2000));
    expect(landing.kind).toBe("landing");
    expect(landing.votes[0]?.findings).toEqual(waived);
    expect(roundWith("guard", waived, inForce(1000)).kind).toBe("held");
    expect(roundWith("guard", waived).kind).toBe("held");
  });

  test("a warning holds nothing", () => {
    expect(roundWith("guard", [{ ...question, severity: "warning" }]).kind).toBe("landing");
  });
});
