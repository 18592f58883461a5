import type { Logger } from '../../observability/logger.js';

/** Why a plugin is disabled, and whether it is tried again. */
interface Disabled {
  readonly error: Error | undefined;
  readonly retryAfterMs: () => number | undefined;
}

// What the log is told of the lives of plugins.

export function logDisabled(logger: Logger, plugin: string, { error, retryAfterMs }: Disabled): void {
  const out = `plugin ${plugin} is disabled, and takes part in no chain`;
  if (error === undefined) {
    logger.warn({ plugin }, `${out} until it is enabled`);
    return;
  }
  const afterMs = retryAfterMs();
  const until = afterMs === undefined ? 'until it is enabled' : `for ${afterMs / 1000} s`;
  logger.warn({ plugin, err: error }, `${out} ${until}: ${error.message}`);
}

export function logEnabled(logger: Logger, plugin: string): void {
  logger.info({ plugin }, `plugin ${plugin} is enabled again`);
}

/** @param ms milliseconds that were waited for it */
export function logEnd(logger: Logger, plugin: string, how: 'busy' | 'loading' | 'hanging', ms: number): void {
  const messages = {
    busy: `plugin ${plugin} still has calls after ${ms / 1000} s, and is shut down all the same`,
    loading: `plugin ${plugin} is still starting; it will be shut down when it has started`,
    hanging: `plugin ${plugin} did not shut down within ${ms / 1000} s; what it holds may be left open`,
  };
  logger.warn({ plugin }, messages[how]);
}
