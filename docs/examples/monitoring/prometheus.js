import { createManager, silentLogger } from 'gatechart';
import { createPrometheus } from 'gatechart/prometheus';

// `createPrometheus({ registry })` counts in a registry of `prom-client` that you have already.
const metrics = await createPrometheus();
const config = `${import.meta.dirname}/../embed/plugins.yaml`;
const manager = await createManager({ config, metrics, logger: silentLogger });

await manager.invokeHook('tool_pre_invoke', { name: 'echo', args: { text: 'hello' } }, { requestId: '1' });
await manager.invokeHook('tool_pre_invoke', { name: 'delete_everything' }, { requestId: '2' });

// What you answer to whoever asks for /metrics, as the media type `type`.
const { text } = await metrics.page();
for (const line of text.split('\n')) {
  if (/^gatechart_(hook_duration_seconds_count|plugin_violations_total)/.test(line)) console.log(line);
}
await manager.close();
