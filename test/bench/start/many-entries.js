// Prints how many milliseconds a manager takes to be ready whose configuration has so many entries.
import { createManager, definePlugin, silentLogger } from 'gatechart';

const kinds = { Nothing: definePlugin({ hooks: { tool_pre_invoke: () => undefined } }) };
const plugins = Array.from({ length: Number(process.argv[2]) }, (_, index) => ({
  name: `nothing-${index}`,
  kind: 'Nothing',
  hooks: ['tool_pre_invoke'],
}));
const began = performance.now();
const manager = await createManager({ config: { plugins }, kinds, env: {}, logger: silentLogger });
console.log(performance.now() - began);
await manager.close();
