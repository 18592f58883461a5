import type { SimulationAct } from './acts.js';
import { CallerSignal } from './caller-signal.js';
import { ClientActs } from './client-acts.js';
import type { SimulatedServer } from './simulated-server.js';
import type { SimulationWorld } from './simulation-world.js';

type Act<Do extends SimulationAct['do']> = Extract<SimulationAct, { readonly do: Do }>;

/** Brings acts about in a world. Those that let time pass are not among them. */
export class WorldActs {
  readonly clients: ClientActs;
  readonly #world: SimulationWorld;

  constructor(world: SimulationWorld) {
    this.#world = world;
    this.clients = new ClientActs(world);
  }

  /** @param index of the act among all that were made up: what it begins is called after it */
  perform(act: Exclude<SimulationAct, Act<'pass'>>, index: number): void {
    switch (act.do) {
      case 'come':
        this.clients.come(act.client);
        return;
      case 'leave':
        return this.clients.leave(act.client);
      case 'call':
        return this.clients.call(act, index);
      case 'probe':
        return this.clients.probe(act, index);
      case 'cancel':
        return this.clients.cancel(act.call);
      case 'invoke':
        return this.#invoke(act, index);
      case 'jump':
        return this.#jump(act.ms);
      case 'reload':
        return this.#reload(act);
      case 'mode':
      case 'disable':
      case 'enable':
        return this.#switch(act);
      default:
        return this.#trouble(act);
    }
  }

  #trouble(act: Act<'start' | 'listing' | 'closing' | 'die' | 'retire' | 'change' | 'deafen' | 'say' | 'split'>): void {
    const server = this.#serverAt(act.server);
    if (server === undefined) return undefined;
    switch (act.do) {
      case 'start':
        return void server.starts.push(...act.starts);
      case 'listing':
        return void server.listings.push(...act.listings);
      case 'closing':
        server.closeMs = act.ms;
        return undefined;
      case 'die':
        return server.newest?.die();
      case 'retire':
        return this.#retirable(server)?.retire();
      case 'change':
        this.#world.ledger.upheaval();
        return server.change();
      case 'deafen':
        server.isDeaf = !server.isDeaf;
        return undefined;
      case 'say':
        return server.say(act.what);
      case 'split':
        server.split();
        this.#world.after(act.ms, () => server.heal());
        return undefined;
    }
  }

  #jump(ms: number): void {
    const { clock, ledger } = this.#world;
    clock.jumpTo(clock.now() + ms);
    ledger.jumped();
  }

  #reload({ what, variant }: Act<'reload'>): void {
    const { plan, ledger, gateway, set, plugins, modes } = this.#world;
    if (what === 'rules') {
      const rules = plan.ruleVariants[variant % plan.ruleVariants.length];
      if (rules === undefined) return;
      ledger.upheaval();
      ledger.admissions.ruled(rules);
      gateway.reloadRules(rules);
    } else if (what === 'servers') {
      const servers = plan.serverVariants[variant % plan.serverVariants.length] ?? plan.serverVariants[0];
      ledger.upheaval();
      const inForce = ledger.admissions.served(servers, plan);
      const reload = set.reload(servers).then(() => {
        ledger.upheaval();
        inForce();
      });
      this.#world.track('reload of servers', reload);
    } else {
      const { variants = [] } = plan.plugins ?? {};
      const config = variants[variant % variants.length];
      if (plugins === undefined || config === undefined) return;
      const changed = modes.changing();
      const reload = plugins.reload(config).finally(() => changed(plugins));
      this.#world.track('reload of plugins', reload);
    }
  }

  #switch(act: Act<'mode' | 'disable' | 'enable'>): void {
    const { plan, plugins, modes } = this.#world;
    const names = [...(plan.plugins?.modes.keys() ?? [])];
    const name = names[act.plugin % names.length];
    if (plugins === undefined || name === undefined) return;
    const changed = modes.changing();
    const switched = async (): Promise<void> => {
      if (act.do === 'mode') await plugins.setMode(name, act.mode);
      else if (act.do === 'disable') plugins.disablePlugin(name);
      else plugins.enablePlugin(name);
    };
    this.#world.track(
      `${act.do} of a plugin`,
      switched().finally(() => changed(plugins)),
    );
  }

  #invoke({ hook, plugins: script, cancelAfterMs }: Act<'invoke'>, index: number): void {
    const { plugins, scripts, journal } = this.#world;
    if (plugins === undefined) return;
    const requestId = `r${index}`;
    const before = Object.entries(script).flatMap(([name, { before: answer }]) =>
      answer === undefined ? [] : [[name, answer] as const],
    );
    scripts.set(requestId, Object.fromEntries(before));
    const signal = new CallerSignal();
    const context = { requestId, user: 'ann' };
    const args = { text: `hook ${index}` };
    const run = [
      () => plugins.invokeHook('tool_pre_invoke', { name: 'write', args }, context, { signal }),
      () => plugins.invokeHook('prompt_pre_fetch', { promptId: 'greeting', args }, context, { signal }),
      () => plugins.invokeHook('resource_pre_fetch', { uri: 'file:///notes' }, context, { signal }),
    ][hook % 3];
    if (run === undefined) return;
    const outcome = run()
      .then(({ continueProcessing }) => journal.note(`${requestId} ${continueProcessing ? 'passes' : 'is blocked'}`))
      .finally(() => {
        // What runs after the answer has asked for its script by then, or is told to pass.
        scripts.delete(requestId);
        if (signal.listeners > 0)
          journal.violate('nothing-left', `${signal.listeners} listen to hook ${requestId} still`);
      });
    this.#world.track('hook', outcome);
    if (cancelAfterMs !== undefined) this.#world.after(cancelAfterMs, () => signal.abort());
  }

  #serverAt(index: number): SimulatedServer | undefined {
    const servers = [...this.#world.servers.values()];
    return servers[index % servers.length];
  }

  #retirable({ name }: SimulatedServer): { retire(): void } | undefined {
    for (const link of this.#world.links) if (link.server === name && link.mayRetire) return link;
    return undefined;
  }
}
