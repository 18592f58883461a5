import { createManagerPool, silentLogger } from 'gatechart';

/**
 * What the program knows of its tenants: only what they have otherwise.
 *
 * @type {Record<string, import('gatechart').PluginOverride[]>}
 */
const tenants = {
  acme: [{ name: 'DenyList', config: { words: ['password', 'salary'] } }],
  globex: [{ name: 'DenyList', mode: 'disabled' }],
  initech: [{ name: 'DenyLists', mode: 'disabled' }],
};

const pool = await createManagerPool({
  base: `${import.meta.dirname}/plugins.yaml`,
  overridesFor: (tenant) => tenants[tenant],
  logger: silentLogger,
});

/** @type {Set<unknown>} */
const processes = new Set();

/** @param {string} tenantId @param {string} text */
function search(tenantId, text) {
  const context = { requestId: crypto.randomUUID(), tenantId };
  return pool.use(tenantId, async (manager) => {
    const before = await manager.invokeHook('tool_pre_invoke', { name: 'search', args: { text } }, context);
    if (!before.continueProcessing) return `${tenantId}: ${before.violation?.description}`;
    const after = await manager.invokeHook('tool_post_invoke', { name: 'search', result: [] }, context, {
      contexts: before.contexts,
    });
    processes.add(after.metadata['process']);
    return `${tenantId}: searched for ${text}, call ${String(after.metadata['calls'])}`;
  });
}

console.log(await search('acme', 'salary'));
console.log(await search('globex', 'salary'));
console.log(await search('umbrella', 'salary'));
console.log(await search('globex', 'password'));

tenants['globex'] = [];
pool.invalidate('globex');
console.log(await search('globex', 'password'));

await search('initech', 'salary').catch((error) => console.log(error.message));
console.log(`managers: ${pool.size}, processes: ${processes.size}`);
await pool.close();
