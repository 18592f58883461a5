import { invalid } from '../../config/code-options.js';
import { isGatechartError, messageOf } from '../../errors.js';
import { type Clock, systemClock } from '../../time/clock.js';
import type { CommandIo } from '../command-io.js';
import { shownText } from './cell-text.js';
import { firstPicture } from './first-picture.js';
import { lookOf } from './look.js';
import { pictureJson, pictureText } from './picture-text.js';
import type { Terminal } from './terminal.js';
import { type ScreenEnd, showScreen } from './top-screen.js';
import type { TopSource } from './top-source.js';

/** The command line of `gatechart top`. */
export interface TopCommand {
  /** What the inspected process has printed, its token included. Default: the variable `GATECHART_INSPECT_URL`. */
  readonly url?: string;
  /** One snapshot, also where there is a terminal. */
  readonly once?: boolean;
  /** One snapshot as JSON. */
  readonly json?: boolean;
}

/** The process around the command. */
export interface TopIo extends CommandIo {
  /** Undefined where standard input or output is no terminal that can be drawn on. */
  readonly terminal: Terminal | undefined;
  /** Columns that one snapshot may take. */
  readonly columns: number;
  /** Whether standard output shows colours. */
  readonly isTerminal: boolean;
  readonly open: (url: string) => Promise<TopSource>;
  readonly clock?: Clock;
}

/**
 * `gatechart top`: shows an inspected process on a terminal until one quits; without a terminal, once.
 *
 * @throws GatechartError CONFIG_INVALID without an address
 * @returns the exit code: 0 quit, or the process has ended as it should; 1 it cannot be heard; 128 and the number of a signal
 */
export async function top(command: TopCommand, io: TopIo): Promise<number> {
  const { terminal, stdout, stderr, env, clock = systemClock } = io;
  const utcOffset = -new Date().getTimezoneOffset();
  const source = await io.open(addressOf(command, env));
  if (terminal !== undefined && command.once !== true && command.json !== true && env['TERM'] !== 'dumb') {
    const end = await showScreen({ source, terminal, look: lookOf(env), clock, utcOffset });
    return told(end, stderr);
  }
  try {
    const picture = await firstPicture(source.messages, clock);
    if (command.json === true) stdout.write(`${pictureJson(picture)}\n`);
    else {
      const look = lookOf(io.isTerminal ? env : { ...env, NO_COLOR: '1' });
      stdout.write(pictureText(picture, { columns: io.columns, look, utcOffset }));
    }
    return 0;
  } catch (error) {
    if (!isGatechartError(error)) throw error;
    stderr.write(`gatechart top: ${shownText(error.message)}\n`);
    return 1;
  } finally {
    await source.close();
  }
}

const signalNumbers: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

function told(end: ScreenEnd, stderr: CommandIo['stderr']): number {
  switch (end.why) {
    case 'quit':
      return 0;
    case 'signal':
      return 128 + (signalNumbers[end.signal] ?? 0);
    case 'bye':
      stderr.write(`gatechart top: the process has ended: ${shownText(end.said)}\n`);
      return 0;
    case 'lost':
      stderr.write(`gatechart top: ${shownText(messageOf(end.error))}\n`);
      return 1;
  }
}

/** Arguments of a command can be read by others on the machine; its environment cannot. */
function addressOf({ url }: TopCommand, env: NodeJS.ProcessEnv): string {
  const address = url ?? env['GATECHART_INSPECT_URL'];
  if (address !== undefined && address !== '') return address;
  throw invalid(
    'gatechart top needs the address that the inspected process has printed: --url, or GATECHART_INSPECT_URL',
  );
}
