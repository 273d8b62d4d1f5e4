import { answerServer } from "./server.js";

const server = answerServer().listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => {
  console.log(`listening on ${server.address().port}`);
});
