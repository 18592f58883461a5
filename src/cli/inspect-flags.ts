import { GatechartError } from '../errors.js';
import type { AttachedInspector, Inspected, InspectorOptions } from '../inspect/live/attach-inspector.js';
import type { Logger } from '../observability/logger.js';
import type { CommandIo } from './command-io.js';

/** What the command line of whatever runs says of looking into it. */
export interface InspectFlags {
  /** The port; true: the usual one; undefined: nobody looks. */
  readonly inspect?: string | true | undefined;
  readonly inspectControl?: boolean | undefined;
  readonly inspectPayloads?: boolean | undefined;
}

/** Where addresses are told, and what asks for new ones. */
export interface InspectIo extends Pick<CommandIo, 'stderr'> {
  /** Tells of SIGUSR2, which has new addresses printed. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  readonly logger: Logger;
}

/** What the flags ask for; undefined: that nobody looks. @throws GatechartError CONFIG_INVALID */
export function readInspectFlags(flags: InspectFlags): InspectorOptions | undefined {
  const { inspect, inspectControl = false, inspectPayloads = false } = flags;
  if (inspect === undefined) {
    const alone = inspectControl ? '--inspect-control' : inspectPayloads ? '--inspect-payloads' : undefined;
    if (alone !== undefined) throw invalid(`${alone} is for --inspect, which is not given`);
    return undefined;
  }
  const port = inspect === true ? {} : { port: inspectedPort('--inspect', inspect) };
  return { ...port, control: inspectControl, payloads: inspectPayloads ? 'shown' : 'redacted' };
}

/** @throws GatechartError CONFIG_INVALID */
export function inspectedPort(flag: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw invalid(`${flag} ${text}: expected a port, a number from 0 to 65535`);
}

/**
 * Lets people look into what runs, and tells where. Gives back what ends that. What cannot be looked into as it was asked
 * for is closed.
 *
 * @param options as `readInspectFlags` gives them
 * @throws GatechartError SERVER_START_FAILED
 */
export async function startInspector(
  inspected: Inspected,
  options: InspectorOptions | undefined,
  { stderr, signals, logger }: InspectIo,
): Promise<() => Promise<void>> {
  if (options === undefined) return () => Promise.resolve();
  const { attachInspector } = await import('../inspect/live/attach-inspector.js');
  let inspector: AttachedInspector;
  try {
    inspector = await attachInspector(inspected, { ...options, logger });
  } catch (error) {
    await inspected.close();
    throw error;
  }
  const print = (): void => void stderr.write(addressesOf(inspector));
  print();
  signals.on('SIGUSR2', print);
  return async () => {
    signals.off('SIGUSR2', print);
    await inspector.close();
  };
}

/** One for a browser and one for a terminal: each lets one in. They are for eyes, and in no log of ours. */
export function addressesOf(inspector: Pick<AttachedInspector, 'url'>): string {
  return `inspector: ${inspector.url()}\ninspector: gatechart top --url "${inspector.url()}"\n`;
}

function invalid(message: string): GatechartError {
  return new GatechartError('CONFIG_INVALID', message);
}
