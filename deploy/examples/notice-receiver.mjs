// Receives Council's notices: verifies each over its raw bytes, drops what came before, answers at once.
//
//   npm install standardwebhooks
//   COUNCIL_NOTICE_SECRET=whsec_... PORT=9099 node notice-receiver.mjs
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.COUNCIL_NOTICE_SECRET);
/** Deliveries seen; a receiver of your own remembers them for a day, where a restart does not forget. */
const seen = new Set();
const say = (line) => process.stdout.write(`${line}\n`);

const server = createServer((request, response) => void receive(request, response));

async function receive(request, response) {
  // The bytes as they came: a body that is parsed and written again has another signature.
  const body = await buffer(request);
  let notice;
  try {
    // Also refuses a timestamp that is more than five minutes off, so that nothing is replayed.
    notice = webhook.verify(body, request.headers);
  } catch {
    response.writeHead(401).end();
    return;
  }
  const id = request.headers["webhook-id"];
  if (!seen.has(id)) {
    seen.add(id);
    const { level, text, patch, links } = notice;
    say(JSON.stringify({ level, text, patch: patch.id, runbook: links.runbook }));
  }
  response.writeHead(204).end();
}

server.listen(Number(process.env.PORT ?? 9099), "127.0.0.1", () =>
  say(`listening on ${server.address().port}`),
);
