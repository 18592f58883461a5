// Minutes of calls under failures. `npm run soak -- --minutes 10 --seed 1` prints what became of calls to plugins over the
// four transports, and with `--gateway` of calls through a gateway; it fails if any was lost, answered with another's
// answer, or executed more often than allowed.
import { parseArgs } from 'node:util';
import { seededRandom } from '../../src/testing/index.js';
import { soakGateway } from './gateway/gateway-soak.js';
import { soakPlugins } from './plugin-soak.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    gateway: { type: 'boolean', default: false },
  },
});
const soak = values.gateway ? soakGateway : soakPlugins;
console.log(`seed ${values.seed}, ${values.minutes} minutes`);
const isSound = await soak(Number(values.minutes) * 60_000, seededRandom(Number(values.seed)));
process.exitCode = isSound ? 0 : 1;
