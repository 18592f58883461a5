import type { ChainGeneration } from '../../invocation/chain-generation.js';
import { messageOf } from '../../errors.js';
import { describeValue } from '../../json/described-value.js';
import { PluginError } from '../../plugins/plugin-error.js';
import type { Generation, Member } from './plugin-generation.js';
import type { PluginStatus } from '../lives/plugin-status.js';

/** The generation that takes calls, and the calls that earlier ones still have. */
export class PluginsInForce {
  #current: Generation;
  /** Those on whose chains something still runs. */
  readonly #earlier = new Set<ChainGeneration>();
  readonly #leaving = new Set<Member>();

  constructor(first: Generation) {
    this.#current = first;
  }

  get current(): Generation {
    return this.#current;
  }

  /** From now on invocations begin on the chains of `next`. */
  replace(next: Generation): void {
    const { generation } = this.#current.chains;
    next.chains.generation.revision = generation.revision + 1;
    this.#current = next;
    this.#earlier.add(generation);
    void generation.idle().then(() => this.#earlier.delete(generation));
  }

  /** Settles when nothing runs any more on the chains of earlier generations. */
  async earlierCalls(): Promise<void> {
    await Promise.all([...this.#earlier].map((generation) => generation.idle()));
  }

  /** @throws PluginError PLUGIN_NOT_FOUND where no plugin of that name runs */
  require(name: string): Member {
    const member = this.#current.members.get(name);
    if (member !== undefined) return member;
    throw this.notFound(name);
  }

  /** The error for a plugin that does not run. */
  notFound(name: unknown): PluginError {
    return notRunning(name, this.#current);
  }

  /** A plugin has left the chains; it is told of until `ended` settles. Never rejects. */
  async leaving(member: Member, ended: Promise<void>): Promise<void> {
    this.#leaving.add(member);
    await ended;
    this.#leaving.delete(member);
  }

  /** Where each plugin of the configuration is, and those of earlier ones that are not gone yet. */
  statuses(): PluginStatus[] {
    const { configs, members, skipped } = this.#current;
    const present = configs.map(({ name, mode }): PluginStatus => {
      const member = members.get(name);
      if (member !== undefined) return { name, mode, ...member.life.condition() };
      const state = skipped.has(name) ? 'failed' : 'off';
      return { name, mode, state, forMs: undefined, error: errorOf(skipped.get(name)), nextTimerInMs: undefined };
    });
    const leaving = [...this.#leaving].map(({ entry: { name, mode }, life }) => ({ name, mode, ...life.condition() }));
    return [...present, ...leaving];
  }
}

function errorOf(reason: unknown): Error | undefined {
  return reason === undefined || reason instanceof Error ? reason : new Error(messageOf(reason));
}

function notRunning(name: unknown, { configs, skipped }: Generation): PluginError {
  // Plain JavaScript may ask for anything.
  const pluginName = typeof name === 'string' ? name : describeValue(name);
  const entry = configs.find((config) => config.name === name);
  const why =
    entry === undefined
      ? 'the configuration has none of that name'
      : skipped.has(entry.name)
        ? 'it could not be started'
        : `its mode is ${entry.mode}`;
  return new PluginError(
    { message: `Plugin ${pluginName} does not run: ${why}.`, pluginName },
    { code: 'PLUGIN_NOT_FOUND' },
  );
}
