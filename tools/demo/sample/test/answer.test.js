import assert from "node:assert/strict";
import { test } from "node:test";
import { answer } from "../src/answer.js";

test("answers from the passage that fits best", async () => {
  const reply = await answer("What is the capital of France?");
  assert.equal(reply.answer, "Paris");
});

test("says so when it does not know", async () => {
  const reply = await answer("Who painted this?");
  assert.equal(reply.answer, "I do not know");
});

test("says what the answer costs", async () => {
  const reply = await answer("What is the capital of Norway?");
  assert.ok(reply.costMicroUsd > 50 && reply.costMicroUsd < 500);
});
