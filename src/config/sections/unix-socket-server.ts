import { resolve } from 'node:path';
import type { z } from 'zod';
import type { EnvironmentReader } from '../environment/environment-reader.js';
import { variable } from '../environment/variable.js';
import { expandHome, type PathBase } from '../source/path-base.js';
import { mapOf, orElse, text } from './field-schemas.js';
import { givenFields } from './given-fields.js';
import { exposureFields, limitFields, readLimits, type ServerLimits } from './network-server.js';

const defaultPath = '/tmp/mcpgateway-plugins.sock';

const schema = mapOf({ path: orElse(text, defaultPath), max_calls: limitFields.max_calls, ...exposureFields });

export const unixSocketServerVariables = { path: variable.text('UNIX_SOCKET_PATH') };

/** Where a server listens for the Unix-socket protocol, absolute, how much it takes on, and what it tells. */
interface UnixSocketServerConfig {
  readonly path: string;
  readonly limits?: ServerLimits;
  readonly exposeConfig?: boolean;
}

function read(server: z.output<typeof schema>, base: PathBase): UnixSocketServerConfig {
  return {
    path: resolve(base.cwd, expandHome(server.path)),
    ...givenFields({ limits: readLimits(server), exposeConfig: server.expose_config }),
  };
}

/** The path from the environment, for a file without the section; ContextForge has the name without the prefix as well. */
function readVariables(reader: EnvironmentReader, env: NodeJS.ProcessEnv): string {
  return unixSocketServerVariables.path.read(reader) ?? (env['UNIX_SOCKET_PATH'] || defaultPath);
}

/** The `unix_socket_server_settings` section. */
export const unixSocketServer = { schema, read, readVariables };
