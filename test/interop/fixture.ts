import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Certificates, makeCertificates } from '../fixtures/certificates.js';
import { type Json, pluginName } from './host.js';
import { type Bench, endServers, type Server, type Side, startServer, type TransportName } from './transports.js';

const pluginFolder = fileURLToPath(new URL('plugins', import.meta.url));

/** The plugin of the suite, as each side's server loads it. */
const pluginKind: Readonly<Record<Side, string>> = { ours: './guard.js#Guard', theirs: 'guard.Guard' };

/** All hooks that the plugin of the suite handles. */
const hooks = [
  'tool_pre_invoke',
  'tool_post_invoke',
  'prompt_pre_fetch',
  'prompt_post_fetch',
  'resource_pre_fetch',
  'resource_post_fetch',
  'agent_pre_invoke',
  'agent_post_invoke',
  'http_pre_request',
  'http_auth_check_permission',
  'http_auth_resolve_user',
];

/** A folder, certificates and servers that end together. */
export class Fixture implements Bench {
  readonly python: string;
  readonly folder = mkdtempSync(join(tmpdir(), 'gatechart-interop-'));
  #certificates: Certificates | undefined;
  #files = 0;

  constructor(python: string) {
    this.python = python;
  }

  get certificates(): Certificates {
    return (this.#certificates ??= makeCertificates());
  }

  /** Writes a configuration, which is JSON and so YAML. */
  write(config: Json): string {
    const file = join(this.folder, `config-${++this.#files}.yaml`);
    writeFileSync(file, JSON.stringify(config));
    return file;
  }

  /** A server of one side with the plugin of the suite, under as many names and settings as there are entries. */
  serve(side: Side, transport: TransportName, entries: readonly Json[] = [{}]): Promise<Server> {
    const plugin = { name: pluginName, kind: pluginKind[side], hooks, mode: 'sequential' };
    const plugins = entries.map((entry) => ({ ...plugin, ...entry }));
    const config = this.write({ plugins, plugin_dirs: side === 'ours' ? [pluginFolder] : [] });
    return startServer(side, transport, this, config);
  }

  /** The configuration of a host whose plugin is behind a server. It names the hooks, because their Unix client does not ask. */
  hostConfig(server: Server, entry: Json = {}): string {
    return this.write({ plugins: [{ name: pluginName, kind: 'external', hooks, ...server.section, ...entry }] });
  }

  async close(): Promise<void> {
    await endServers();
    this.#certificates?.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
