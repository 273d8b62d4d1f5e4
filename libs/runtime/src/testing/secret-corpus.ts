/** Secrets to look for where none may be, made anew for each run so that none stands in the repository. */
import { randomInt } from "node:crypto";

const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
export const random = (length: number, set = characters): string =>
  Array.from({ length }, () => set[randomInt(set.length)]).join("");

/** A text that holds a secret, and the part of it that must be seen nowhere. */
export interface Sample {
  readonly text: string;
  readonly core: string;
}

/** Tokens of every known shape. */
export const secretShapes: Readonly<Record<string, () => Sample>> = {
  github: () => whole(`ghp_${random(36)}`),
  "github server": () => whole(`ghs_${random(36)}`),
  "github fine-grained": () => whole(`github_pat_${random(22)}_${random(59)}`),
  gitlab: () => whole(`glpat-${random(20)}`),
  openai: () => whole(`sk-proj-${random(48)}`),
  anthropic: () => whole(`sk-ant-api03-${random(40)}-${random(12)}`),
  aws: () => whole(`AKIA${random(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`),
  slack: () => whole(`xoxb-${random(12, "0123456789")}-${random(24)}`),
  "slack hook": () =>
    within("https://hooks.slack.com/services/", `T${random(8)}/B${random(8)}/${random(24)}`),
  google: () => whole(`AIza${random(35)}`),
  npm: () => whole(`npm_${random(36)}`),
  jwt: () => whole(`eyJ${random(20)}.eyJ${random(40)}.${random(43)}`),
  bearer: () => within("Bearer ", random(24)),
  basic: () => within("Basic ", Buffer.from(`user:${random(12)}`).toString("base64")),
  "url password": () => within("postgres://council:", random(14), "@db:5432/x"),
  pem: () => {
    const core = random(64);
    return { text: `-----BEGIN PRIVATE KEY-----\n${core}\n-----END PRIVATE KEY-----\n`, core };
  },
  "cut pem": () => {
    const core = random(64);
    return { text: `-----BEGIN EC PRIVATE KEY-----\n${core}`, core };
  },
};

function whole(token: string): Sample {
  return { text: token, core: token };
}

function within(before: string, core: string, after = ""): Sample {
  return { text: before + core + after, core };
}
