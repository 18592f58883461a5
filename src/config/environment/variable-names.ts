import type { ConfigIssue } from '../config-issue.js';
import { grpcServerVariables } from '../sections/grpc-server.js';
import { httpClientVariables, httpTlsVariables } from '../sections/http-client.js';
import { mcpServerVariables } from '../sections/mcp-server.js';
import { settingsVariables } from '../sections/plugin-settings.js';
import { unixSocketServerVariables } from '../sections/unix-socket-server.js';
import { suggestionFor } from '../suggestion.js';
import { grpcTlsVariables, managerVariables, pluginServerVariables } from './environment.js';
import type { Variables } from './variable.js';

const declared: readonly Variables[] = [
  managerVariables,
  settingsVariables,
  httpClientVariables,
  httpTlsVariables,
  grpcTlsVariables,
  pluginServerVariables,
  mcpServerVariables,
  grpcServerVariables,
  unixSocketServerVariables,
];

/** Every variable that is read, by hosts and by plugin servers. */
export const variableNames: readonly string[] = declared
  .flatMap((variables) => Object.values(variables))
  .map(({ name }) => `PLUGINS_${name}`);

/**
 * Warns of variables that are all but spelled like one that is read: a misspelt policy would be no policy. Others that
 * begin alike are the business of whoever reads them.
 */
export function misspeltVariables(env: NodeJS.ProcessEnv): ConfigIssue[] {
  return Object.keys(env)
    .filter((name) => /^PLUGINS?_/i.test(name) && !variableNames.includes(name.toUpperCase()))
    .flatMap((name): ConfigIssue[] => {
      const meant = suggestionFor(name.toUpperCase(), variableNames);
      if (meant === undefined) return [];
      return [{ path: name, message: `nothing reads this variable; did you mean ${meant}?`, severity: 'warning' }];
    });
}
