import { z } from "zod";

export const gitIdSchema = z
  .string()
  .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, "a full lower-case git object id");
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "a lower-case hexadecimal SHA-256");
