import { messageOf } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { LoadedPlugin } from '../plugins/plugin.js';
import type { Clock } from '../time/clock.js';
import { within } from '../time/within.js';

/** How long plugins get, and who hears of those that do not make it. */
export interface ShutdownDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds a plugin may take to shut down. */
  readonly shutdownTimeoutMs: number;
}

/** Shuts plugins down, all side by side. What one throws is logged, and so is one that hangs: nobody waits for it. */
export async function shutDown(plugins: readonly LoadedPlugin[], dependencies: ShutdownDependencies): Promise<void> {
  await Promise.all(plugins.map((plugin) => shutDownOne(plugin, dependencies)));
}

async function shutDownOne({ name, instance }: LoadedPlugin, dependencies: ShutdownDependencies): Promise<void> {
  const { clock, logger, shutdownTimeoutMs } = dependencies;
  try {
    const ending = instance.shutdown?.();
    if (ending === undefined || (await within(Promise.resolve(ending), shutdownTimeoutMs, clock)) !== undefined) return;
    logger.warn(
      { plugin: name },
      `plugin ${name} did not shut down within ${shutdownTimeoutMs / 1000} s; what it holds may be left open`,
    );
  } catch (error) {
    logger.error({ plugin: name, err: error }, `plugin ${name} did not shut down cleanly: ${messageOf(error)}`);
  }
}
