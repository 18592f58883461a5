import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Fixture } from './fixture.js';
import { type Server, startServer, type TransportName } from './transports.js';

const script = fileURLToPath(new URL('python/render_sample.py', import.meta.url));

/** The sample plugins that their package brings: where each is started, and its configuration, seen from there. */
const samples = {
  native: { slug: 'native_sample', cwd: '', config: 'native_sample/config.yaml' },
  external: { slug: 'external_sample', cwd: 'external_sample', config: 'resources/plugins/config.yaml' },
} as const;

export type Sample = keyof typeof samples;

/** Their server with one of their sample plugins, as its own configuration says; the plugin's name is the suite's. */
export async function serveSample(sample: Sample, transport: TransportName, fixture: Fixture): Promise<Server> {
  const { slug, cwd, config } = samples[sample];
  await promisify(execFile)(fixture.python, [script, sample, slug, fixture.folder]);
  return startServer('theirs', transport, fixture, config, join(fixture.folder, cwd));
}
