import { createServer } from "node:http";
import { answer } from "./answer.js";

/** The HTTP side of the service; the caller makes it listen. */
export function answerServer() {
  return createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    if (url.pathname === "/healthz") return reply(response, 200, { status: "up" });
    if (url.pathname !== "/answer") return reply(response, 404, { error: "not found" });
    const question = url.searchParams.get("q");
    if (!question) return reply(response, 400, { error: "ask with ?q=" });
    return reply(response, 200, await answer(question));
  });
}

function reply(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
