import { routes } from "@council/contracts";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { problemTypes } from "../problems.ts";
import { testGateway } from "../test-gateway.ts";
import { apiDocument, problemsOf } from "./api-document.ts";
import { operations } from "./operations.ts";

/** Where to describe a route. */
const table = "services/gateway/src/openapi/operations.ts";

describe("the API document", () => {
  test(`has every route of the gateway and no other; a missing one is described in ${table}`, async () => {
    const registered: string[] = [];
    await using gateway = await testGateway({ onRoute: (route) => void registered.push(route) });
    await gateway.app.ready();
    const own = registered.filter((route) => !/^(HEAD|OPTIONS) |\/assets\//.test(route));
    const described = Object.keys(operations);
    const undescribed = own.filter((route) => !described.includes(route));
    expect(undescribed.join(", "), `describe these routes in ${table}`).toBe("");
    const gone = described.filter((route) => !own.includes(route));
    expect(gone.join(", "), `no such routes; remove them from ${table}`).toBe("");
  });

  test("is valid OpenAPI 3.1, and the gateway serves it to everybody", async () => {
    await using gateway = await testGateway();
    const answer = await gateway.app.inject(routes.openapi);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual(JSON.parse(JSON.stringify(apiDocument())));
    const { valid, errors } = await new Validator().validate(answer.json());
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  test("names each operation once", () => {
    const ids = [...JSON.stringify(apiDocument()).matchAll(/"operationId":"([^"]+)"/g)];
    expect(new Set(ids.map(([, id]) => id)).size).toBe(Object.keys(operations).length);
  });

  test("tells of every problem there is", () => {
    const told = Object.entries(operations).flatMap(([route, each]) => problemsOf(route, each));
    const general = ["bad-request", "route-unknown", "internal"];
    expect(new Set([...told, ...general])).toEqual(new Set(Object.keys(problemTypes)));
  });
});

const examples = Object.entries(operations).flatMap(([route, { body, answer }]) =>
  [body, answer].flatMap((content) =>
    content?.schema && content.example !== undefined
      ? [{ route, schema: content.schema, example: content.example }]
      : [],
  ),
);

test.each(examples)("an example of $route fits its schema", ({ schema, example }) => {
  expect(schema.safeParse(example).error).toBeUndefined();
});
