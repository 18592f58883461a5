import { readInspectorAddress } from '../inspect/live/client/inspector-address.js';
import { startInspectorServer } from '../inspect/live/serve/inspector-server.js';
import { GatechartError, messageOf } from '../errors.js';
import { readEnvironment } from '../config/environment/environment.js';
import { createLogger } from '../observability/logger.js';
import { systemClock } from '../time/clock.js';
import { deferred } from '../time/deferred.js';
import type { CommandIo } from './command-io.js';
import { addressesOf, inspectedPort } from './inspect-flags.js';

/** The command line of `gatechart inspect`. */
export interface InspectCommand {
  readonly port?: string | undefined;
  /** False: no browser is opened. */
  readonly browser?: boolean | undefined;
}

/** The process around the command. */
export interface InspectCommandIo extends CommandIo {
  /** Tells of SIGTERM and SIGINT, which end the looking at a recording. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  /** Opens an address in the browser of the person who sits here. */
  readonly open: (address: string) => Promise<unknown>;
}

/**
 * `gatechart inspect`: opens the address of a process that is inspected, or serves a recording until it is told to stop.
 *
 * @returns the exit code: 0
 * @throws GatechartError CONFIG_INVALID, RECORDING_INVALID, SERVER_START_FAILED
 */
export async function inspect(what: string, command: InspectCommand, io: InspectCommandIo): Promise<number> {
  if (/^https?:/i.test(what)) return openAddress(what, command, io);
  const port = command.port === undefined ? undefined : inspectedPort('--port', command.port);
  const { openRecording } = await import('../inspect/recording/source/recording-source.js');
  const source = await openRecording(what);
  const logger = createLogger(readEnvironment(io.env, 'warn').logLevel);
  const server = await startInspectorServer({ source, host: '127.0.0.1', port, clock: systemClock, logger });
  io.stdout.write(addressesOf(server));
  if (command.browser !== false) await openIn(server.url(), io);
  const stopped = deferred();
  io.signals.on('SIGTERM', stopped.resolve).on('SIGINT', stopped.resolve);
  await Promise.race([stopped.promise, server.closed]);
  io.signals.off('SIGTERM', stopped.resolve).off('SIGINT', stopped.resolve);
  await server.close();
  return 0;
}

/** The address is used by the browser, and by nobody before: it is good once. */
async function openAddress(url: string, { port, browser }: InspectCommand, io: InspectCommandIo): Promise<number> {
  if (port !== undefined) throw new GatechartError('CONFIG_INVALID', '--port is for a recording');
  readInspectorAddress(url);
  if (browser === false) io.stdout.write(`Open this address in a browser:\n  ${url}\n`);
  else await openIn(url, io);
  return 0;
}

async function openIn(address: string, { open, stderr }: InspectCommandIo): Promise<void> {
  try {
    await open(address);
  } catch (error) {
    stderr.write(`No browser: ${messageOf(error)}\n`);
  }
}
