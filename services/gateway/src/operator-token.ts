import { createHash, timingSafeEqual } from "node:crypto";
import { hasRole, type Operator, type OperatorRole } from "@council/domain";
import type { KnownOperator } from "./load-operators.ts";
import { GatewayError } from "./problems.ts";

export interface Access {
  /**
   * Who asks. Throws GatewayError `token-required` unless a known token is given, and `role-required`
   * unless its owner holds one of these roles.
   */
  readonly act: (headers: AccessHeaders, roles: readonly OperatorRole[]) => ActingOperator;
  /** Lets every known token read, and everyone on this machine when reading is open. */
  readonly reader: (headers: AccessHeaders) => void;
}

/** `isShared`: the token belongs to no one person, so whoever acts says who it is. */
export type ActingOperator = Operator & { readonly isShared?: boolean };

export interface AccessHeaders {
  readonly authorization?: string | undefined;
  readonly host?: string | undefined;
}

/** Throws GatewayError `token-required` unless the headers carry this bearer token. */
export function bearerOf(token: string, variable: string): (headers: AccessHeaders) => void {
  const expected = digest(token);
  return (headers) => {
    const given = bearerIn(headers);
    // Digests have one length, so the comparison takes one time whatever was sent.
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
    throw tokenRequired(given, variable);
  };
}

/**
 * Open reading is tied to the name the request was addressed to: a page of another origin that points
 * its own name at this address (DNS rebinding) still needs the token.
 */
export function accessOf(options: {
  readonly operators: readonly KnownOperator[];
  readonly readAccess: "token" | "open";
  readonly httpHost: string;
}): Access {
  const known = options.operators.map(({ tokenSha256, ...operator }) => ({
    operator,
    expected: Buffer.from(tokenSha256, "hex"),
  }));
  const act: Access["act"] = (headers, roles) => {
    const given = bearerIn(headers);
    const found = given === undefined ? undefined : ownerOf(known, digest(given));
    if (!found) throw tokenRequired(given, "your operator token");
    if (hasRole(found, roles)) return found;
    throw roleRequired(found, roles);
  };
  const isOpenFor = (host: string) =>
    options.readAccess === "open" &&
    (host === options.httpHost || /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(host));
  return {
    act,
    reader: (headers) => {
      const host = (headers.host ?? "").replace(/:\d{1,5}$/, "").toLowerCase();
      if (!isOpenFor(host)) act(headers, ["viewer"]);
    },
  };
}

export function roleRequired(who: Operator, roles: readonly OperatorRole[]): GatewayError {
  return new GatewayError("role-required", {
    field: "authorization",
    detail: `this needs the role ${roles.join(" or ")}, and ${who.name} is ${who.roles.join(" and ")}`,
    remedy: `ask somebody with the role ${roles.at(-1)}, or an admin for it`,
  });
}

/** Every token is compared, so that the time tells nothing about which one it was. */
function ownerOf(
  known: readonly { readonly operator: ActingOperator; readonly expected: Buffer }[],
  given: Buffer,
): ActingOperator | undefined {
  const matching = known.filter(({ expected }) => timingSafeEqual(given, expected));
  return matching[0]?.operator;
}

function bearerIn({ authorization }: AccessHeaders): string | undefined {
  return /^Bearer +(\S{1,500})$/i.exec(authorization ?? "")?.[1];
}

function tokenRequired(given: string | undefined, variable: string): GatewayError {
  return new GatewayError("token-required", {
    field: "authorization",
    detail: given === undefined ? "no bearer token was sent" : "the bearer token is not right",
    remedy: `send \`Authorization: Bearer <${variable}>\``,
  });
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
