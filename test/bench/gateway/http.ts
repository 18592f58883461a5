import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { report } from '../measurement.js';
import { freePort, listening } from '../plugin-servers.js';
import { compareMany, compareSingles } from './comparison.js';
import { endServer, httpGateway, httpMiddle, withFiles } from './middles.js';
import { stayOnOneCore } from '../processes.js';

stayOnOneCore();
const sdkProxy = fileURLToPath(new URL('../server/sdk-proxy.js', import.meta.url));
const port = await freePort();
const url = `http://127.0.0.1:${port}/mcp`;
const end = spawn(process.execPath, [endServer, 'http', String(port)], { stdio: ['ignore', 'ignore', 'inherit'] });
await listening({ port });
await withFiles({ type: 'http', url }, async ({ servers }) => {
  const ours = await httpGateway('--servers', servers, '--face', 'transparent');
  const reference = await httpMiddle((own) => [sdkProxy, String(own), url]);
  report([await compareSingles('gateway/http-1', ours, reference)]);
  report(await compareMany('gateway/http-64', ours, reference));
  await Promise.all([ours.close(), reference.close()]);
});
end.kill();
