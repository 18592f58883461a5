import type { ServerEntry } from '../server-entry.js';

/** Shorter values are words of every text, and no secrets. */
const shortest = 6;

/**
 * A text without what an entry gives its server to know: servers print their environment, and quote headers and arguments
 * in errors.
 */
export function withoutSecrets(text: string, { reach }: ServerEntry): string {
  const known = reach.kind === 'stdio' ? secretsOfProcess(reach) : secretsOfUrl(reach);
  return known
    .filter((secret) => secret.length >= shortest)
    .sort((one, other) => other.length - one.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
}

type StdioReach = Extract<ServerEntry['reach'], { kind: 'stdio' }>;
type UrlReach = Exclude<ServerEntry['reach'], StdioReach>;

/** An option whose value is nobody's business. */
const secretOption = /^-.*(key|token|secret|pass|auth|cred)/i;

function secretsOfProcess({ env, args }: StdioReach): string[] {
  const options = args.flatMap((arg, index) => {
    if (!secretOption.test(arg)) return [];
    const [, ...value] = arg.split('=');
    return value.length > 0 ? [value.join('=')] : args.slice(index + 1, index + 2);
  });
  return [...Object.values(env), ...options];
}

function secretsOfUrl({ url, headers, login }: UrlReach): string[] {
  const { username, password, searchParams } = new URL(url);
  const words = Object.values(headers).flatMap((value) => [value, ...value.split(' ')]);
  const secret = [login?.clientSecret, login?.privateKey].filter((one) => one !== undefined);
  return [...words, ...secret, decodeURIComponent(username), decodeURIComponent(password), ...searchParams.values()];
}
