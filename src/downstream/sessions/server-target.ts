import type { ServerEntry } from '../server-entry.js';
import { describeServer } from '../../transports/stdio/stdio-command.js';

/** One line on where a server is, without arguments, headers and queries, which hold secrets. */
export function targetOf({ reach }: ServerEntry): string {
  if (reach.kind === 'stdio') return describeServer({ cmd: [reach.command, ...reach.args] });
  const { protocol, host, pathname } = new URL(reach.url);
  const shown = `${protocol}//${host}${pathname}`;
  return reach.socketPath === undefined ? shown : `${shown} (uds=${reach.socketPath})`;
}
