import { isRecord } from '../../../../json/records.js';

/** Shorter values are words of every text, and no secrets. */
const shortest = 6;
const mostSecrets = 500;

/** An option whose value is nobody's business. */
const secretOption = /^-.*(key|token|secret|pass|auth|cred)/i;
/** Sections and keys of a plugin's entry whose values are nobody's business, whatever they are. */
const secretKeys = /^(env|headers|config|tls)$|key|token|secret|pass|auth|cred/i;

/** Takes out of a text what an entry of a plugin gives to know; servers quote their environment and arguments in errors. */
export function secretsRemover(written: Readonly<Record<string, unknown>>): (text: string) => string {
  const secrets: string[] = [];
  collect(written, false, secrets, 0);
  secrets.sort((one, other) => other.length - one.length);
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
}

function collect(value: unknown, isSecret: boolean, secrets: string[], depth: number): void {
  if (secrets.length >= mostSecrets || depth > 8) return;
  if (typeof value === 'string') {
    if (isSecret && value.length >= shortest)
      secrets.push(value, ...value.split(' ').filter((word) => word.length >= shortest));
    for (const part of urlParts(value)) if (part.length >= shortest) secrets.push(part);
  } else if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => {
      const before: unknown = value[index - 1];
      const isOption = typeof item === 'string' && secretOption.test(item);
      const follows = typeof before === 'string' && secretOption.test(before) && !before.includes('=');
      collect(
        isOption && item.includes('=') ? item.slice(item.indexOf('=') + 1) : item,
        isSecret || isOption || follows,
        secrets,
        depth + 1,
      );
    });
  } else if (isRecord(value)) {
    for (const [key, inner] of Object.entries(value))
      collect(inner, isSecret || secretKeys.test(key), secrets, depth + 1);
  }
}

function urlParts(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { username, password, searchParams } = new URL(text);
  return [username, password, ...searchParams.values()].map((part) => decodeURIComponent(part));
}
