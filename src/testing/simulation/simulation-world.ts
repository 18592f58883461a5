import { startServerSet } from '../../downstream/start-server-set.js';
import { MemoryLoginStore } from '../../downstream/login/memory-login-store.js';
import type { ServerSet } from '../../downstream/server-set-api.js';
import { createGateway } from '../../gateway/create-gateway.js';
import type { Gateway } from '../../gateway/gateway.js';
import type { ActorRecorder } from '../../actors/actor-recorder.js';
import type { PluginManager } from '../../manager/plugin-manager.js';
import type { Clock, TimerHandle } from '../../time/clock.js';
import type { PluginAnswer } from './acts.js';
import { ActorCensus } from './actor-census.js';
import { Admissions } from './admissions.js';
import { CallLedger } from './call-ledger.js';
import { Chance } from './chance.js';
import { Journal } from './journal.js';
import { PluginModes } from './plugin-modes.js';
import type { SimulatedClient } from './simulated-client.js';
import type { SimulatedLink } from './simulated-link.js';
import { simulatedPlugin } from './simulated-plugin.js';
import { SimulatedServer } from './simulated-server.js';
import { simulatedTransport } from './simulated-transport.js';
import { SimulationClock } from './simulation-clock.js';
import { watchHooks } from './watched-hooks.js';
import { watchingLogger } from './watching-logger.js';
import type { WorldPlan } from './world-plan.js';

export interface WorldOptions {
  readonly plan: WorldPlan;
  readonly seed: number;
  /** Whether what happens is kept, to be read. */
  readonly keeps: boolean;
  /** Whether its actors are watched: connections then take another way with their calls, which is to come to the same. */
  readonly watches: boolean;
  /** Writes down what its actors do. */
  readonly recorderOf: ((clock: Clock) => ActorRecorder) | undefined;
}

/** A gateway with all that is around it, at a certain time. */
export class SimulationWorld {
  readonly plan: WorldPlan;
  readonly clock = new SimulationClock();
  readonly journal: Journal;
  readonly ledger: CallLedger;
  readonly servers: ReadonlyMap<string, SimulatedServer>;
  readonly modes: PluginModes;
  readonly actors: ActorCensus;
  readonly clients = new Map<number, SimulatedClient>();
  /** What is to be done with hooks that are run without a call: by the id of their request, then by plugin. */
  readonly scripts = new Map<string, Readonly<Record<string, PluginAnswer>>>();
  readonly links = new Set<SimulatedLink>();
  /** What was begun and has not ended: reloads, hooks. */
  readonly pending = new Map<string, number>();
  readonly #options: WorldOptions;
  readonly #random: Chance;
  readonly #timers = new Set<TimerHandle>();
  #gateway: Gateway | undefined;
  #set: ServerSet | undefined;

  constructor(options: WorldOptions) {
    const { plan, seed, keeps } = options;
    this.#options = options;
    this.plan = plan;
    this.#random = new Chance(seed ^ 0x7a11);
    this.journal = new Journal(this.clock, keeps);
    const { clock, journal } = this;
    this.ledger = new CallLedger({ clock, journal, admissions: new Admissions(), maxStarts: plan.maxStarts });
    const { ledger } = this;
    this.servers = new Map(
      plan.servers.map(({ name, tools }) => [name, new SimulatedServer({ name, tools, clock, journal, ledger })]),
    );
    this.actors = new ActorCensus(journal);
    this.modes = new PluginModes(plan.plugins?.modes ?? new Map(), journal);
  }

  get gateway(): Gateway {
    if (this.#gateway === undefined) throw new Error('the world has not been started');
    return this.#gateway;
  }

  get set(): ServerSet {
    if (this.#set === undefined) throw new Error('the world has not been started');
    return this.#set;
  }

  get plugins(): PluginManager | undefined {
    return this.#gateway?.plugins;
  }

  /** @throws ConfigError, GatechartError for what it was given */
  async start(): Promise<void> {
    const { plan, clock, journal, ledger } = this;
    const { watches } = this.#options;
    const recorder = this.#options.recorderOf?.(clock);
    const recorded = recorder !== undefined && { recorder };
    const logger = watchingLogger(journal);
    const { random } = this.#random;
    const [entries] = plan.serverVariants;
    const [rules] = plan.ruleVariants;
    ledger.admissions.ruled(rules);
    ledger.admissions.served(entries, plan)();
    const plugins = await plan.plugins?.start({
      clock,
      random,
      logger,
      env: plan.env,
      recorder,
      scripted: (name) =>
        simulatedPlugin({
          name,
          clock,
          journal,
          ledger,
          modeOf: (plugin, call) => this.modes.of(plugin, call),
          scriptOf: (requestId) => this.scripts.get(requestId)?.[name],
        }),
    });
    const set = await startServerSet(
      {
        servers: entries,
        env: plan.env,
        baseDir: plan.baseDir,
        logger,
        clock,
        random,
        connection: plan.connection,
        maxStarts: plan.maxStarts,
        maxSessions: plan.maxSessions,
        drainMs: plan.drainMs,
        loginStore: new MemoryLoginStore(),
        ...recorded,
      },
      ({ name, reach }, { capabilities }) =>
        simulatedTransport({
          server: this.#serverOf(name),
          startsServer: reach.kind === 'stdio',
          ledger,
          capabilities,
          logger,
          opened: (link) => {
            ledger.upheaval();
            this.links.add(link);
            void link.closed.then(() => this.links.delete(link));
          },
        }),
    );
    if (plugins !== undefined) watchHooks(plugins, ledger);
    // In front of the real method: it alone knows in which order calls were handed on.
    const callTool = set.callTool.bind(set);
    set.callTool = (server, call, options) => {
      ledger.handedOn(call._meta);
      return callTool(server, call, options);
    };
    this.#set = set;
    this.#gateway = await createGateway({
      servers: set,
      plugins,
      rules,
      face: plan.face,
      prefix: 'always',
      clock,
      logger,
      lockFile: noLockFile,
      record: ({ request }) => ledger.recorded(request?.params['_meta']),
      ...recorded,
    });
    if (watches) this.#gateway.observe(this.actors);
  }

  /** Something happens in so many milliseconds, unless the world is over by then. */
  after(ms: number, act: () => void): () => void {
    const timer = this.clock.setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
      this.clock.clearTimeout(timer);
    };
  }

  /** Notes that something goes on until a promise settles; what it rejects with is noted as well. */
  track(what: string, promise: Promise<unknown>): void {
    const { journal, pending } = this;
    pending.set(what, (pending.get(what) ?? 0) + 1);
    const end = (outcome: string): void => {
      const left = (pending.get(what) ?? 1) - 1;
      if (left === 0) pending.delete(what);
      else pending.set(what, left);
      journal.note(`${what}: ${outcome}`);
    };
    promise.then(
      () => end('done'),
      (error: unknown) => end(error instanceof Error ? error.name : 'failed'),
    );
  }

  /** What is only there to bring something about: the world goes on without it. */
  still(): void {
    for (const timer of this.#timers) this.clock.clearTimeout(timer);
    this.#timers.clear();
    for (const server of this.servers.values()) server.recover();
  }

  #serverOf(name: string): SimulatedServer {
    const server = this.servers.get(name);
    if (server === undefined) throw new Error(`no scripted server is called ${name}`);
    return server;
  }
}

/** Nothing was ever approved: what is pinned is not part of a simulation. */
const noLockFile = '/nowhere/gatechart.lock';
