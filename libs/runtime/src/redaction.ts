/**
 * What keeps secrets out of the log. Every line passes `redactLine` as its last step before the
 * destination, so no field, child binding, error or message can go around it. Three nets: the exact
 * secrets this process knows, field names that hold secrets, and the shapes of common tokens.
 */
const mask = "[redacted]";

let knownSecrets: readonly string[] = [];

/**
 * From now on this value appears in no log line, nor its JSON-escaped, URL-encoded or base64 form.
 * Process-wide, because a secret read by one component can surface in an error of any other.
 */
export function registerSecret(secret: string): void {
  if (secret === "") return;
  const forms = new Set([
    ...knownSecrets,
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret.toWellFormed()),
    Buffer.from(secret).toString("base64"),
  ]);
  // Longest first: replacing a short secret inside a longer one would leave the longer one's rest.
  knownSecrets = [...forms].toSorted((left, right) => right.length - left.length);
}

// Each pattern is linear: no nested repetition, every repeat bounded or over one character class.
const tokenShapes: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/g,
  /\b(?:gh[opusr]_|github_pat_|glpat-)[A-Za-z0-9_-]{10,}/g,
  /\b(?:sk|rk|pk)[-_][A-Za-z0-9_-]{16,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bxox[a-z]-[A-Za-z0-9-]{8,}/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g,
  /(?<=hooks\.slack\.com\/)[A-Za-z0-9/_-]{8,}/g,
  /(?<=\bbearer\s{1,4})[A-Za-z0-9._~+/=-]{8,}/gi,
  /(?<=\bbasic\s{1,4})[A-Za-z0-9+/]{12,}={0,2}/gi,
  /(?<=:\/\/[^\s/@:]{0,200}:)[^\s/@]{1,500}(?=@)/g,
];

const secretName =
  /(?:authorization|cookie|password|passwd|passphrase|secret|token|credentials?|api[-_]?key|private[-_]?key|secret[-_]?key|access[-_]?key|signing[-_]?key|seal[-_]?key)s?$|^(?:key|pwd|pem|dsn)$/i;

/** Names that end like a secret and hold none. */
const harmlessNames = new Set(["fencingToken", "fencing_token"]);

/** The text with every known secret and every token shape replaced. */
export function redactText(text: string): string {
  let clean = withoutKnownSecrets(text);
  for (const shape of tokenShapes) clean = clean.replaceAll(shape, mask);
  return clean;
}

/** One JSON log line, redacted; what is not JSON is redacted as text. Keeps the line end. */
export function redactLine(line: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return redactText(line);
  }
  return `${JSON.stringify(redactValue(parsed))}\n`;
}

// Below a name that holds secrets every text is masked. Numbers stay: under such a name they are
// counts (`tokens: { input: 812 }`), never a credential of this system.
function redactValue(value: unknown, isSecret = false): unknown {
  if (typeof value === "string") return isSecret && value !== "" ? mask : redactText(value);
  if (typeof value === "number") {
    const text = String(value);
    return withoutKnownSecrets(text) === text ? value : mask;
  }
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: unknown) => redactValue(item, isSecret));
  return Object.fromEntries(
    Object.entries(value).map(([name, held]: [string, unknown]) => [
      redactText(name),
      redactValue(held, isSecret || isSecretName(name)),
    ]),
  );
}

function isSecretName(name: string): boolean {
  return secretName.test(name) && !harmlessNames.has(name);
}

function withoutKnownSecrets(text: string): string {
  let clean = text;
  for (const secret of knownSecrets) clean = clean.replaceAll(secret, mask);
  return clean;
}
