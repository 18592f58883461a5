import { fileURLToPath } from 'node:url';
import { createLogger, createManager, createPluginServer } from 'gatechart';

const config = fileURLToPath(new URL('plugins.yaml', import.meta.url));
const logger = createLogger('warn');
const server = await createPluginServer({
  host: await createManager({ config, logger }),
  transport: { kind: 'http', server: { host: '127.0.0.1', port: 0 } },
  logger,
});
console.log(server.address);

process.once('SIGTERM', () => void server.close());
await server.closed;
