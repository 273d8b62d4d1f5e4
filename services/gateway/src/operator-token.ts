import { createHash, timingSafeEqual } from "node:crypto";
import { GatewayError } from "./problems.ts";

export interface Access {
  /** Throws GatewayError `token-required` unless the operator token is given. */
  readonly operator: (headers: AccessHeaders) => void;
  /** As `operator`, but lets everyone on this machine read when reading is open. */
  readonly reader: (headers: AccessHeaders) => void;
}

interface AccessHeaders {
  readonly authorization?: string | undefined;
  readonly host?: string | undefined;
}

/** Throws GatewayError `token-required` unless the headers carry this bearer token. */
export function bearerOf(token: string, variable: string): (headers: AccessHeaders) => void {
  const expected = digest(token);
  return ({ authorization }) => {
    const given = /^Bearer +(\S{1,500})$/i.exec(authorization ?? "")?.[1];
    // Digests have one length, so the comparison takes one time whatever was sent.
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
    throw new GatewayError("token-required", {
      field: "authorization",
      detail: given === undefined ? "no bearer token was sent" : "the bearer token is not right",
      remedy: `send \`Authorization: Bearer <${variable}>\``,
    });
  };
}

/**
 * Open reading is tied to the name the request was addressed to: a page of another origin that points
 * its own name at this address (DNS rebinding) still needs the token.
 */
export function accessOf(options: {
  readonly operatorToken: string;
  readonly readAccess: "token" | "open";
  readonly httpHost: string;
}): Access {
  const operator = bearerOf(options.operatorToken, "COUNCIL_OPERATOR_TOKEN");
  const isOpenFor = (host: string) =>
    options.readAccess === "open" &&
    (host === options.httpHost || /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(host));
  return {
    operator,
    reader: (headers) => {
      const host = (headers.host ?? "").replace(/:\d{1,5}$/, "").toLowerCase();
      if (!isOpenFor(host)) operator(headers);
    },
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
