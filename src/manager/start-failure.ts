import { GatechartError, isGatechartError, messageOf } from '../errors.js';

/** The error for what could not be started. Where the plugins come from a file, it begins with the file. */
export function startFailure(failures: readonly unknown[], file: string | undefined): unknown {
  const [first] = failures;
  const details = file === undefined ? {} : { file };
  const at = file === undefined ? '' : `${file}: `;
  if (failures.length > 1) {
    const message = `${at}${failures.length} plugins cannot be started:\n${failures.map(messageOf).join('\n')}`;
    return new GatechartError('PLUGIN_LOAD_FAILED', message, { cause: new AggregateError(failures), details });
  }
  // What a server's configuration is refused with is not in our file.
  if (!isGatechartError(first) || !['PLUGIN_LOAD_FAILED', 'HOOK_UNKNOWN'].includes(first.code)) return first;
  const { code, message, cause } = first;
  return new GatechartError(code, at + message, { cause, details: { ...first.details, ...details } });
}
