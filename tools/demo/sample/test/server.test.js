import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { answerServer } from "../src/server.js";

const server = answerServer();
let url;

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());

test("answers a question", async () => {
  const response = await fetch(`${url}/answer?q=${encodeURIComponent("capital of Peru")}`);
  assert.equal(response.status, 200);
  assert.equal((await response.json()).answer, "Lima");
});

test("is up", async () => {
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
});

test("refuses what it cannot answer", async () => {
  assert.equal((await fetch(`${url}/answer`)).status, 400);
  assert.equal((await fetch(`${url}/other`)).status, 404);
});
