import { afterOn } from './after.js';
import type { ConnectionSettings } from '../../machines/index.js';
import type { Inspector } from '../actors/supervisor.js';
import type { Connection } from '../connection/connection-api.js';
import { ConnectionSystem } from '../connection/connection-system.js';
import { ManagedConnection } from '../connection/managed-connection.js';
import { defaultConnectionSettings } from '../connection/connection-set.js';
import { Deadlines } from '../time/deadlines.js';
import { ManualClock } from './manual-clock.js';
import { RecordingLogger } from './recording-logger.js';
import { ScriptedTransport } from './scripted-transport.js';
import { seededRandom } from './seeded-random.js';

/** What a connection harness is made of. */
export interface ConnectionHarnessOptions<Request, Response> {
  /** What the scripted server answers to a message on its `link`-th link. */
  readonly reply: (message: Request, link: number) => Response;
  /** Default: what a manager uses, with 3 attempts and 100 ms between them. */
  readonly settings?: Partial<ConnectionSettings>;
  /** Of the jitter. Default 1. */
  readonly seed?: number;
  /** Watches the actors of the connection and its calls. */
  readonly inspector?: Inspector;
}

/** A real connection over a scripted transport, on a clock of the test's. */
export interface ConnectionHarness<Request, Response> extends AsyncDisposable {
  readonly connection: Connection<Request, Response>;
  readonly transport: ScriptedTransport<Request, Response>;
  readonly clock: ManualClock;
  readonly logger: RecordingLogger;
  /** Lets `ms` milliseconds pass and then waits for the promise. */
  after<T>(ms: number, promise: Promise<T>): Promise<T>;
  /** Closes the connection, letting as much time pass as that takes. */
  close(): Promise<void>;
}

/** Shows what a connection with your settings does when its server fails, without a server and without waiting. */
export function createConnectionHarness<Request, Response>(
  options: ConnectionHarnessOptions<Request, Response>,
): ConnectionHarness<Request, Response> {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const deadlines = new Deadlines(clock);
  const system = new ConnectionSystem(clock, deadlines, logger);
  if (options.inspector !== undefined) system.inspect(options.inspector);
  const transport = new ScriptedTransport<Request, Response>({ clock, reply: options.reply });
  const connection = new ManagedConnection<Request, Response>({
    name: 'harness',
    transport,
    settings: { ...defaultConnectionSettings, reconnectAttempts: 3, reconnectDelayMs: 100, ...options.settings },
    system,
    clock,
    random: seededRandom(options.seed ?? 1),
    logger,
  });
  const close = async (): Promise<void> => {
    const closing = connection.close();
    await clock.run(0);
    while (connection.status().state !== 'closed' && clock.next !== undefined) await clock.run(clock.next);
    await closing;
    system.stop();
    deadlines.close();
  };
  return {
    connection,
    transport,
    clock,
    logger,
    after: afterOn(clock),
    close,
    [Symbol.asyncDispose]: close,
  };
}
