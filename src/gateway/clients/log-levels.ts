import type { LoggingLevel } from '@modelcontextprotocol/sdk/types.js';

/** Severities of MCP, the least severe first. */
const severities: readonly LoggingLevel[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

/** Whether a log message is less severe than a client wants to hear of. One that has not said hears all. */
export function isBelow(level: unknown, wanted: LoggingLevel | undefined): boolean {
  if (wanted === undefined) return false;
  const found = severities.findIndex((severity) => severity === level);
  return found >= 0 && found < severities.indexOf(wanted);
}

/** The least severe level that anybody wants to hear of; undefined where nobody has said. */
export function lowestLevel(levels: Iterable<LoggingLevel | undefined>): LoggingLevel | undefined {
  const wanted = new Set(levels);
  return severities.find((severity) => wanted.has(severity));
}
