import type { Implementation } from '@modelcontextprotocol/sdk/types.js';
import type { ConnectionSettings } from '../../../machines/index.js';
import type { ActorRecorder } from '../../actors/actor-recorder.js';
import type { Inspector } from '../../actors/supervisor.js';
import type { Logger } from '../../observability/logger.js';
import type { ServersInput } from '../servers-file/servers-input.js';
import type { LoginStore } from '../login/stored-login.js';
import type { Clock, Random } from '../../time/clock.js';

/** What a set of servers is made of. Times in milliseconds. */
export interface ServerSetOptions {
  /** Path or `file:` URL of a servers file (`.mcp.json`), or an object with the same keys. */
  readonly servers: string | URL | ServersInput;
  /** Whether the file is followed, and put in force when it changes, as `ServerSet.reload` does. Default false. For files only. */
  readonly watch?: boolean;
  /** Whether one entry that cannot be used refuses the whole file. Default false: it is that server's error alone. */
  readonly strict?: boolean;
  /** Whether every server is started at once, and not when it is first needed. Default false: entries decide. */
  readonly eager?: boolean;
  /** Where variables in the file are looked up. Default: the environment of the process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where relative paths of an object start. Default: the folder of the file, or the working directory. */
  readonly baseDir?: string;
  /** Default: pino on standard error, at `PLUGINS_LOG_LEVEL`. */
  readonly logger?: Logger;
  /** Watches every actor from the start. */
  readonly inspector?: Inspector;
  /** Writes down what happens to every actor, from the start: see `createRecorder` of `gatechart/inspect`. */
  readonly recorder?: ActorRecorder;
  /** How connections behave; see `defaultConnectionSettings`. What entries say comes first. Default: 3 attempts, 500 ms apart and more. */
  readonly connection?: Partial<Omit<ConnectionSettings, 'connectTimeoutMs' | 'idleTimeoutMs'>>;
  /** Servers that may be starting at a time. Default 8. */
  readonly maxStarts?: number;
  /** Sessions that one server may have at a time. Default 100. */
  readonly maxSessions?: number;
  /** How long calls of a server that was removed or changed may go on. Default 30,000. */
  readonly drainMs?: number;
  /** Where logins are kept. Default: files below the home directory, which only their owner can read. */
  readonly loginStore?: LoginStore;
  /** Who servers are told that we are. Default: gatechart, with its version. */
  readonly clientInfo?: Implementation;
  readonly clock?: Clock;
  readonly random?: Random;
}
