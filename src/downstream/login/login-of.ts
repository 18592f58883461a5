import type { InspectionEvent } from 'xstate';
import type { ServerEntry } from '../server-entry.js';
import type { LoginDependencies } from './login-dependencies.js';
import { ServerLogin } from './server-login.js';

/**
 * The login of a server, if it can have one: it is reached by a URL over the network, and its entry sends no Authorization
 * of its own. Nothing happens before the server asks for it.
 */
export function loginOf(
  { name, reach }: Pick<ServerEntry, 'name' | 'reach'>,
  dependencies: LoginDependencies,
  inspect?: (event: InspectionEvent) => void,
): ServerLogin | undefined {
  if (reach.kind === 'stdio' || reach.socketPath !== undefined) return undefined;
  if (Object.keys(reach.headers).some((header) => header.toLowerCase() === 'authorization')) return undefined;
  return new ServerLogin({ name, url: reach.url, settings: reach.login ?? {} }, dependencies, inspect);
}
