import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createManager, silentLogger } from 'gatechart';

// A copy, because the file is going to be edited.
const folder = mkdtempSync(join(import.meta.dirname, 'copy-'));
for (const file of ['plugins.yaml', 'plugins']) {
  cpSync(join(import.meta.dirname, file), join(folder, file), { recursive: true });
}
const config = join(folder, 'plugins.yaml');
const manager = await createManager({ config, logger: silentLogger });

/** @param {string} text */
async function search(text) {
  const payload = { name: 'search', args: { text } };
  const { violation, metadata } = await manager.invokeHook('tool_pre_invoke', payload, { requestId: text });
  return violation?.description ?? `call ${Number(metadata['calls'])}`;
}

/** @param {string} from @param {string} to */
function edit(from, to) {
  writeFileSync(config, readFileSync(config, 'utf8').replace(from, to));
}

console.log(await search('the salary'));

// Another list of words is another plugin; the counter goes on counting.
edit('[password]', '[password, salary]');
const { replaced, unchanged } = await manager.reload();
console.log({ replaced, unchanged });
console.log(await search('the salary'));
console.log(await search('the weather'));

// What is wrong changes nothing.
edit('words:', 'worbs:');
await manager.reload().catch((error) => console.log(error.code));
console.log(await search('the salary'));

// Another mode, or none at all for a while, without a file.
await manager.setMode('DenyList', 'permissive');
console.log(await search('the salary'));
manager.disablePlugin('Counter');
for (const { name, mode, state } of manager.plugins) console.log(name, mode, state);

await manager.close({ drainMs: 5000 });
rmSync(folder, { recursive: true });
