import { createManager, guardTool, silentLogger } from 'gatechart';

const manager = await createManager({ config: `${import.meta.dirname}/plugins.yaml`, logger: silentLogger });
const contextOf = () => ({ requestId: crypto.randomUUID() });

/** @param {{ city: string }} args */
async function weather({ city }) {
  return `Sun in ${city}`;
}

const guarded = guardTool(weather, manager, contextOf);
console.log(await guarded({ city: 'Zurich' }));
await guarded({ city: 'the secret city' }).catch((error) => console.log(error.code));

// A tool as agent frameworks have it: an object whose `execute` is the function.
const tool = { description: 'Weather of a city', execute: weather };
const tools = {
  weather: guardTool(tool, manager, contextOf, {
    name: 'weather',
    onBlock: (violation) => `There is no weather for you: ${violation?.reason}`,
  }),
};
console.log(await tools.weather.execute({ city: 'the secret city' }));
await manager.close();
