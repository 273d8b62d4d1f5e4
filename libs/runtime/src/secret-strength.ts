const shortestSecret = 16;
const fewestDistinct = 6;
const shortestRemainder = 8;

// What is left after taking these out must still look like a secret.
const weakParts =
  /change|replace|this|me|please|secret|password|passwort|passwd|default|example|sample|dummy|placeholder|test|demo|admin|root|user|council|webhook|token|hunter2|letmein|qwerty|asdf|welcome|your|key|here|super|my|local|dev|0123456789|1234567890|123456789|12345678|1234567|123456|12345|1234|123|abcdefghijklmnopqrstuvwxyz|abcdef|abc/g;

/** Why a secret must not be used, without quoting it; undefined when nothing speaks against it. */
export function secretWeakness(secret: string): string | undefined {
  if (secret.length < shortestSecret) return `is shorter than ${shortestSecret} characters`;
  if (new Set(secret).size < fewestDistinct) return "repeats very few characters";
  const remainder = secret
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "")
    .replaceAll(weakParts, "");
  return remainder.length < shortestRemainder ? "is a well-known weak value" : undefined;
}
