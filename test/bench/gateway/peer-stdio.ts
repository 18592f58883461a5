import { dirname, join } from 'node:path';
import { pythonEnvironment } from '../../interop/python-environment.js';
import { report } from '../measurement.js';
import { stdioCaller } from './callers.js';
import { compareSingles } from './comparison.js';
import { endEntry, stdioGateway, withFiles } from './middles.js';
import { stayOnOneCore } from '../processes.js';
import { nextErrand } from './questions.js';

const python = await pythonEnvironment('agent-mcp-gateway');
if (python === null) process.exit(0);
stayOnOneCore();
await withFiles(endEntry, async ({ servers, rules, folder }) => {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GATEWAY_MCP_CONFIG: servers,
    GATEWAY_RULES: rules,
    GATEWAY_AUDIT_LOG: join(folder, 'audit.jsonl'),
  };
  const ours = await stdioGateway('--servers', servers, '--rules', rules);
  const theirs = await stdioCaller(join(dirname(python), 'agent-mcp-gateway'), [], env);
  // Theirs takes milliseconds.
  report([await compareSingles('gateway/peer-stdio', ours, theirs, { next: nextErrand, count: 400 })]);
  await Promise.all([ours.close(), theirs.close()]);
});
