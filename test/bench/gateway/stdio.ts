import { report } from '../measurement.js';
import { stdioCaller } from './callers.js';
import { compareSingles } from './comparison.js';
import { endEntry, stdioGateway, withFiles } from './middles.js';
import { stayOnOneCore } from '../processes.js';

stayOnOneCore();
await withFiles(endEntry, async ({ servers }) => {
  const ours = await stdioGateway('--servers', servers, '--face', 'transparent');
  const reference = await stdioCaller(endEntry.command, endEntry.args);
  report([await compareSingles('gateway/stdio-warm', ours, reference)]);
  await Promise.all([ours.close(), reference.close()]);
});
