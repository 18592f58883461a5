import { createLogger, createManager, createPluginServer } from 'gatechart';

const logger = createLogger('info');
const manager = await createManager({ config: 'plugins.yaml', logger });
const server = await createPluginServer({
  host: manager,
  transport: { kind: 'unix', path: '/run/plugins/p.sock' },
  logger,
});

process.once('SIGTERM', () => void server.close());
await server.closed;
