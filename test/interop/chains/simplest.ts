import type { Chain } from './chain.js';
import { mustWait } from './generator.js';

/** The least chain that still fails: without every call, plugin, condition, step and field that it fails without. */
export async function simplest(chain: Chain, fails: (chain: Chain) => Promise<boolean>): Promise<Chain> {
  for (const simpler of smaller(chain)) if (await fails(simpler)) return simplest(simpler, fails);
  return chain;
}

function* smaller(chain: Chain): Generator<Chain> {
  const { plugins, calls } = chain;
  for (const index of calls.keys()) {
    if (calls.length === 1) break;
    const acts = plugins.map((plugin) => ({ ...plugin, acts: plugin.acts.filter((_, at) => at !== index) }));
    yield { ...chain, calls: calls.filter((_, at) => at !== index), plugins: acts };
  }
  for (const [index, call] of calls.entries()) {
    if (call.cancel_after === undefined) continue;
    const { cancel_after: _, ...patient } = call;
    yield { ...chain, calls: calls.map((same, at) => (at === index ? patient : same)) };
  }
  for (const index of plugins.keys()) {
    if (plugins.length > 1) yield { ...chain, plugins: plugins.filter((_, at) => at !== index) };
  }
  for (const [index, plugin] of plugins.entries()) {
    const replaced = (other: typeof plugin): Chain => ({
      ...chain,
      plugins: plugins.map((same, at) => (at === index ? other : same)),
    });
    if (plugin.conditions.length > 0) yield replaced({ ...plugin, conditions: plugin.conditions.slice(1) });
    if (plugin.hooks.length > 1) yield replaced({ ...plugin, hooks: plugin.hooks.slice(1) });
    for (const [number, act] of plugin.acts.entries()) {
      const others = (end: Partial<typeof act>): Chain =>
        replaced({ ...plugin, acts: plugin.acts.map((same, at) => (at === number ? { ...same, ...end } : same)) });
      if (act.wait > 0 && !mustWait(plugin)) yield others({ wait: 0 });
      if (act.steps.length > 0) yield others({ steps: act.steps.slice(1) });
      if (act.end.kind !== 'answer') continue;
      for (const name of Object.keys(act.end.answer)) {
        // Only what says stop may have a field that results do not have.
        if (name === 'continue_processing' && act.end.answer.violaton !== undefined) continue;
        const answer = Object.fromEntries(Object.entries(act.end.answer).filter(([field]) => field !== name));
        yield others({ end: { kind: 'answer', answer } });
      }
    }
  }
  for (const name of Object.keys(chain.context)) {
    if (name === 'request_id') continue;
    const context = { ...chain.context };
    delete context[name];
    yield { ...chain, context };
  }
}
