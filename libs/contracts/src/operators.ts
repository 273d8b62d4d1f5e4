/** Who may act on Council, as an admin writes it down. */
import { operatorRoles } from "@council/domain";
import { z } from "zod";
import { sha256Schema } from "./hashes.ts";

/** A name as it stands in the ledger. */
export const operatorNameSchema = z
  .string()
  .regex(/^[\w.@-]{1,100}$/, "1 to 100 letters, digits, dots, dashes, @ and underscores");

const rolesSchema = z.array(z.enum(operatorRoles)).min(1).max(operatorRoles.length);
/** Who acted, as a message carries it; the gateway has checked the token. */
export const operatorSchema = z.strictObject({ name: operatorNameSchema, roles: rolesSchema });

/** One operator, and where the token comes from: exactly one of the three. */
export const operatorEntrySchema = z
  .strictObject({
    name: operatorNameSchema,
    roles: rolesSchema,
    /** SHA-256 of the token, so that the file holds no secret. */
    tokenSha256: sha256Schema.exactOptional(),
    /** A file that holds the token, relative to this one. */
    tokenFile: z.string().min(1).max(1000).exactOptional(),
    /** An environment variable that holds the token. */
    tokenEnv: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]{0,99}$/)
      .exactOptional(),
  })
  .refine(
    ({ tokenSha256, tokenFile, tokenEnv }) =>
      [tokenSha256, tokenFile, tokenEnv].filter((each) => each !== undefined).length === 1,
    { message: "needs exactly one of tokenSha256, tokenFile and tokenEnv" },
  );
export type OperatorEntry = z.infer<typeof operatorEntrySchema>;

export const operatorsSchema = z.strictObject({ operators: z.array(operatorEntrySchema).max(500) });
