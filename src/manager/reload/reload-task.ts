import type { ConfigIssue } from '../../config/config-issue.js';
import type { Config } from '../../config/sections/configuration.js';
import type { PluginConfig } from '../../config/sections/plugin-entry.js';
import { messageOf } from '../../errors.js';
import type { HookInvoker } from '../../invocation/hook-invoker.js';
import type { Logger } from '../../observability/logger.js';
import type { ModeOverrides } from './mode-overrides.js';
import type { ChainsOf, Generation, Member } from './plugin-generation.js';
import type { PluginLife } from '../lives/plugin-life.js';
import type { PluginSet } from '../lives/plugin-set.js';
import type { PluginStarter } from '../lives/plugin-starter.js';
import type { PluginsInForce } from './plugins-in-force.js';
import { type PlannedEntry, type ReloadPlan, reloadPlan } from './reload-plan.js';
import { type PluginChanges, type ReloadReport, reloadReport } from './reload-report.js';
import type { ReloadSteps } from '../../config/reload/reloads.js';
import type { Pace } from '../../time/pace.js';
import { startFailure } from '../start-failure.js';

/** What is to be put in force. */
export interface Wanted {
  readonly config: Config;
  readonly warnings: readonly ConfigIssue[];
  readonly overrides: ModeOverrides;
  /** The plugin that alone is to change; undefined: all may. */
  readonly only?: string;
}

/** What all reloads of a manager need. */
export interface ReloadDependencies {
  readonly set: PluginSet;
  /** Of the steps of starts. */
  readonly pace: Pace;
  readonly starterOf: (config: Config) => PluginStarter;
  readonly chainsOf: ChainsOf;
  /** False: no plugin runs, whatever configurations say. */
  readonly enabled: boolean;
  readonly invoker: Pick<HookInvoker, 'withdraw'>;
  readonly logger: Logger;
}

/** What came of an entry. */
interface Result {
  readonly config: PluginConfig;
  readonly member: Member | undefined;
  readonly change: keyof PluginChanges | undefined;
  /** Why it is skipped, now or since it was tried last; undefined where it is not. */
  readonly skipped?: { readonly error: unknown } | undefined;
}

/** One change of what a manager runs, step by step as `machines/reload.machine.ts` takes them. */
export class ReloadTask implements ReloadSteps<ReloadReport> {
  readonly #read: (before: Generation) => Wanted;
  readonly #inForce: PluginsInForce;
  readonly #dependencies: ReloadDependencies;
  readonly #lives: PluginLife[] = [];
  #wanted!: Wanted;
  #plan!: ReloadPlan;
  #next!: Generation;
  #report!: ReloadReport;

  /** @param read gives what is wanted, when it is this task's turn */
  constructor(read: (before: Generation) => Wanted, inForce: PluginsInForce, dependencies: ReloadDependencies) {
    this.#read = read;
    this.#inForce = inForce;
    this.#dependencies = dependencies;
  }

  /** What was done. To be asked for after `start`. */
  get report(): ReloadReport {
    return this.#report;
  }

  /** Reads what is wanted and plans how to get there. Nothing is changed. @throws what reading throws; PLUGIN_LOAD_FAILED, HOOK_UNKNOWN */
  check(): void {
    const { enabled, logger } = this.#dependencies;
    const before = this.#inForce.current;
    const read = this.#read(before);
    const { config, warnings, only } = read;
    const overrides = read.overrides.over(config.plugins);
    this.#wanted = { config, warnings, overrides };
    for (const warning of warnings) logger.warn({ ...warning }, warning.message);
    const entries = config.plugins.map((entry) => overrides.apply(entry));
    this.#plan = enabled
      ? reloadPlan(before, config, entries, only)
      : { entries: entries.map((entry) => ({ step: 'off', config: entry })), removed: [], failures: [] };
    if (this.#plan.failures.length > 0) throw startFailure(this.#plan.failures, config.file);
  }

  /** Starts what is new, side by side, and makes the chains; calls still take the old ones. @throws what cannot be started */
  async start(): Promise<void> {
    const { config, overrides, warnings } = this.#wanted;
    const { chainsOf, starterOf } = this.#dependencies;
    const starter = starterOf(config);
    const settled = await this.#carryOutAll(starter);
    const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    if (failures.length > 0) throw startFailure(failures, config.file);
    const results = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const members = results.flatMap(({ member }) => (member === undefined ? [] : [member]));
    const plugins = members.map(({ started }) => started.plugin);
    this.#next = {
      config,
      overrides,
      members: new Map(members.map((member) => [member.entry.name, member])),
      configs: results.map((one) => one.config),
      skipped: new Map(
        results.flatMap(({ config: { name }, skipped }) => (skipped === undefined ? [] : [[name, skipped.error]])),
      ),
      chains: chainsOf(plugins, config),
    };
    const named = (what: keyof PluginChanges): string[] =>
      results.flatMap(({ change, config: { name } }) => (change === what ? [name] : []));
    const changes = {
      added: named('added'),
      removed: [...this.#plan.removed.map(({ entry }) => entry.name), ...named('removed')],
      replaced: named('replaced'),
      changed: named('changed'),
      unchanged: named('unchanged'),
      skipped: named('skipped'),
    };
    this.#report = reloadReport(changes, this.#inForce.current.config, config, warnings);
  }

  /** Shuts down what `start` has started. Never rejects. */
  async undo(): Promise<void> {
    await this.#dependencies.set.giveUp(this.#lives);
  }

  /** From now on, calls take the new chains. */
  swap(): void {
    for (const { entry, life } of this.#replaced()) {
      // Until it is enabled, whatever becomes of its entry.
      if (life.isHeld) this.#next.members.get(entry.name)?.life.disable();
    }
    this.#inForce.replace(this.#next);
  }

  /** Ends the plugins that have no chain any more. Never rejects. */
  async retire(): Promise<void> {
    const { invoker, set } = this.#dependencies;
    const ended = this.#inForce.earlierCalls();
    const old = [...this.#plan.removed, ...this.#replaced()];
    // All of them at once: the end of one must not make room for another that goes.
    const ids = new Set(old.map(({ started }) => started.plugin.id));
    const calls = { ended, cancel: () => invoker.withdraw(ids) };
    await Promise.all(old.map((member) => this.#inForce.leaving(member, set.retire(member.life, calls))));
  }

  /** Members in whose place others were started. */
  #replaced(): Member[] {
    return this.#plan.entries.flatMap((planned) =>
      planned.step === 'start' && planned.before !== undefined ? [planned.before] : [],
    );
  }

  /** What became of each entry, in their order. */
  async #carryOutAll(starter: PluginStarter): Promise<PromiseSettledResult<Result>[]> {
    const { pace } = this.#dependencies;
    const begun: Promise<PromiseSettledResult<Result>>[] = [];
    for (const planned of this.#plan.entries) {
      if (planned.step === 'start') await pace.next();
      // At once, so that one that fails while others have not begun is heard.
      begun.push(Promise.allSettled([this.#carryOut(planned, starter)]).then(([settled]) => settled));
    }
    return Promise.all(begun);
  }

  async #carryOut(planned: PlannedEntry, starter: PluginStarter): Promise<Result> {
    switch (planned.step) {
      case 'off':
        return { config: planned.config, member: undefined, change: undefined };
      case 'leave': {
        const { config } = planned;
        const { skipped } = this.#inForce.current;
        const error = skipped.get(config.name);
        return {
          config,
          member: undefined,
          change: undefined,
          ...(skipped.has(config.name) && { skipped: { error } }),
        };
      }
      case 'keep': {
        const { member, isChanged } = planned;
        return { config: member.started.plugin.config, member, change: isChanged ? 'changed' : 'unchanged' };
      }
      case 'start':
        return this.#start(planned, starter);
    }
  }

  async #start({ entry, before }: Extract<PlannedEntry, { step: 'start' }>, starter: PluginStarter): Promise<Result> {
    const { logger, set } = this.#dependencies;
    const { config } = this.#wanted;
    const life = set.create(entry, starter);
    this.#lives.push(life);
    try {
      const started = await life.start();
      if (started.state === 'running')
        return {
          config: started.plugin.config,
          member: { entry, life, started },
          change: before ? 'replaced' : 'added',
        };
      await set.giveUp([life]);
      return { config: started.config, member: undefined, change: before && 'removed' };
    } catch (error) {
      // What takes calls now is not to vanish because what was to follow it cannot be loaded.
      if (!config.settings.skipUnloadablePlugins || before !== undefined) throw error;
      logger.error({ err: error, file: config.file }, `skipped a plugin: ${messageOf(error)}`);
      await set.giveUp([life]);
      return { config: entry, member: undefined, change: 'skipped', skipped: { error } };
    }
  }
}
