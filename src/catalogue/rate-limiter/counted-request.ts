import type { GlobalContext } from '../../context/global-context.js';
import { countedName, type RateLimiterConfig } from './rate-limiter-settings.js';
import type { CountedKey } from './rate-store.js';

/** Who asks for what, as far as it is counted. */
export interface CountedRequest {
  readonly user: string;
  readonly tenant: string | undefined;
  readonly keys: readonly CountedKey[];
}

/** What of the context is missing, or cannot be part of a key. */
export interface MissingContext {
  readonly field: 'server_id';
  readonly problem: string;
}

const longestServerId = 128;

/** The keys under which the call of a tool or a prompt is counted, in the form that ContextForge gives them in Redis. */
export function countedRequest(
  config: RateLimiterConfig,
  context: GlobalContext,
  subject: { readonly name: string; readonly isTool: boolean },
): CountedRequest | MissingContext {
  const { by_user, by_user_per_server, by_tenant, by_tool } = config;
  const user = userOf(context);
  const tenant = trimmed(context.tenantId);
  const inTenant = (key: string): string => (tenant === undefined ? key : `${tenant}:${key}`);
  const keys: CountedKey[] = [];
  if (by_user) keys.push({ ...by_user, key: inTenant(`user:${user}`) });
  // Prompts have no server of their own.
  if (by_user_per_server && subject.isTool) {
    const server = context.serverId ?? '';
    const problem = problemOfServer(server);
    if (problem !== undefined) return { field: 'server_id', problem };
    keys.push({ ...by_user_per_server, key: inTenant(`user:${user}:server:${server}`) });
  }
  if (by_tenant && tenant !== undefined) keys.push({ ...by_tenant, key: inTenant(`tenant:${tenant}`) });
  const tool = countedName(subject.name);
  const rate = by_tool.get(tool);
  if (rate !== undefined) keys.push({ ...rate, key: inTenant(`tool:${tool}`) });
  return { user, tenant, keys };
}

function problemOfServer(server: string): string | undefined {
  if (server === '') return 'server_id is required when by_user_per_server is configured';
  if (Buffer.byteLength(server) > longestServerId)
    return `server_id exceeds the maximum length of ${longestServerId} bytes`;
  if (/^[\w.-]+$/.test(server)) return undefined;
  return 'server_id may contain only ASCII letters, digits, hyphen, underscore, and period';
}

/** The user's id; all whose id is not known are one. */
function userOf({ user, userContext }: GlobalContext): string {
  const told = typeof user === 'object' && user !== null ? [user['email'], user['id'], user['sub']] : [user];
  for (const id of [...told, userContext?.userId]) {
    const text = typeof id === 'number' ? String(id) : trimmed(id);
    if (text !== undefined) return text;
  }
  return 'anonymous';
}

function trimmed(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
