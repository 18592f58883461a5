import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { inFlight, singles } from './calls.js';
import { countingEnd, countingManager, hookCall, nextToolCall, serveCounting } from './counting.js';
import { compared, contest, report } from './measurement.js';
import { apart, stayOnOneCore } from './processes.js';

stayOnOneCore();

interface Sides {
  readonly ours: () => Promise<void>;
  readonly reference: () => Promise<void>;
}

/** Runs with a server of its own for each side, on the other core. */
async function withServers(args: string[], run: (sides: Sides) => Promise<void>): Promise<void> {
  const [command, pinned] = apart(process.execPath, args);
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(new StdioClientTransport({ command, args: pinned, stderr: 'ignore' }));
  await using manager = await countingManager({ proto: 'STDIO', cmd: [command, ...pinned] });
  const reference = async (): Promise<void> => {
    const { params, checkResult } = nextToolCall();
    checkResult(await client.callTool(params));
  };
  await run({ ours: hookCall(manager), reference });
  await client.close();
}

await withServers(serveCounting('--transport', 'stdio'), async ({ ours, reference }) => {
  report([compared('mcp-stdio/1', 'µs', await singles(ours, reference))]);
});

await withServers([countingEnd, 'stdio'], async ({ ours, reference }) => {
  const { wall, cpu } = await contest({ ours: inFlight(ours), reference: inFlight(reference), count: 5_000 });
  report([compared('stdio/64', 'µs', wall), compared('stdio/64-cpu (information)', 'µs', cpu)]);
});
