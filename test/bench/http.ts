import { spawn } from 'node:child_process';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { bareHttpClient } from './bare-http-client.js';
import { inFlight, singles } from './calls.js';
import { countingEnd, countingManager, hookCall, nextToolCall, serveCounting } from './counting.js';
import { compared, contest, report } from './measurement.js';
import { freePort, listening } from './plugin-servers.js';
import { apart, stayOnOneCore } from './processes.js';

stayOnOneCore();

/** Starts a server on the other core, and runs with its address. */
async function withServer(argsFor: (port: string) => string[], run: (url: string) => Promise<void>): Promise<void> {
  const port = await freePort();
  const server = spawn(...apart(process.execPath, argsFor(String(port))), { stdio: 'ignore' });
  await listening({ port });
  await run(`http://127.0.0.1:${port}/mcp`);
  server.kill();
}

await withServer(
  (port) => serveCounting('--transport', 'http', '--port', port),
  async (url) => {
    await using manager = await countingManager({ proto: 'STREAMABLEHTTP', url });
    const call = hookCall(manager);
    const client = new Client({ name: 'bench', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    const sdkCall = async (): Promise<void> => {
      const { params, checkResult } = nextToolCall();
      checkResult(await client.callTool(params));
    };
    report([compared('mcp-http/1', 'µs', await singles(call, sdkCall))]);
    const { wall } = await contest({ ours: inFlight(call), reference: inFlight(sdkCall), count: 2_000, rounds: 7 });
    report([compared('mcp-http/64', 'µs', wall)]);
    await client.close();
  },
);

await withServer(
  (port) => [countingEnd, 'http', port],
  async (url) => {
    for (const atOnce of [64, 256, 512]) {
      await using manager = await countingManager({ proto: 'STREAMABLEHTTP', url });
      const bare = await bareHttpClient(url, atOnce);
      const { wall, cpu } = await contest({
        ours: inFlight(hookCall(manager), atOnce),
        reference: inFlight(async () => {
          const { params, checkResult } = nextToolCall();
          checkResult(await bare.call(params));
        }, atOnce),
        count: 10 * 512,
      });
      report([compared(`http/${atOnce}`, 'µs', wall), compared(`http/${atOnce}-cpu (information)`, 'µs', cpu)]);
      await bare.close();
    }
  },
);
