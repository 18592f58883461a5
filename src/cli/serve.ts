import type { Readable, Writable } from 'node:stream';
import { formatIssue } from '../config/config-issue.js';
import { readEnvironment } from '../config/environment/environment.js';
import { createServerSet } from '../downstream/create-server-set.js';
import type { ServerSet } from '../downstream/server-set-api.js';
import { isGatechartError } from '../errors.js';
import { createAudit } from '../gateway/audit/create-audit.js';
import { createGateway } from '../gateway/create-gateway.js';
import { type GatewayVariables, readGatewayVariables } from '../gateway/files/gateway-variables.js';
import { environmentOfServers } from '../gateway/files/outer-gateways.js';
import type { Gateway, GatewayReload } from '../gateway/gateway.js';
import { serveGateway } from '../gateway/serve-gateway.js';
import { gatewayPolicies } from '../hooks/payload-policy.js';
import { createManager } from '../manager/create-manager.js';
import type { PluginManager } from '../manager/plugin-manager.js';
import type { Recorder } from '../inspect/recording/write/recorder.js';
import { createLogger, type Logger } from '../observability/logger.js';
import { deferred } from '../time/deferred.js';
import type { CommandIo } from './command-io.js';
import { readInspectFlags, startInspector } from './inspect-flags.js';
import { recorderOf } from './record-options.js';
import { gatewayOptions, type ServeCommand, serveFiles, serveTransport } from './serve-options.js';

/** The process around the command. */
export interface ServeIo extends CommandIo {
  /** `isTTY`: a person sits there, and no client. */
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  /** Tells of SIGTERM and SIGINT, which end the gateway, and of SIGHUP, which lets it read its files again. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
}

/**
 * `gatechart serve`: a gateway in front of MCP servers, until it is told to stop or its client leaves.
 *
 * @returns the exit code: 0 stopped as asked, 1 could not start, 2 wrong settings or files
 */
export async function serveCommand(command: ServeCommand, io: ServeIo): Promise<number> {
  try {
    await serve(command, io);
    return 0;
  } catch (error) {
    if (!isGatechartError(error)) throw error;
    io.stderr.write(`gatechart serve: ${error.message}\n`);
    return error.code.startsWith('CONFIG_') ? 2 : 1;
  }
}

async function serve(command: ServeCommand, io: ServeIo): Promise<void> {
  const { env, signals, stderr, stdin, stdout } = io;
  const variables = readGatewayVariables(env);
  for (const issue of variables.warnings) stderr.write(`${formatIssue(issue)}\n`);
  const transport = serveTransport(command, variables, { stdin, stdout, env });
  const inspected = readInspectFlags(command);
  const logger = createLogger(readEnvironment(env).logLevel);
  const started = deferred<Gateway>();
  // Heard from the beginning: who asks while it starts is not to end us.
  const reload = (): void =>
    void started.promise.then(async (gateway) => tellReload(await gateway.reload(), logger)).catch(() => undefined);
  const stopped = deferred();
  let stopInspector = (): Promise<void> => Promise.resolve();
  // Not `once`: a library that finds itself the only listener left would end the process at once.
  signals.on('SIGHUP', reload).on('SIGTERM', stopped.resolve).on('SIGINT', stopped.resolve);
  try {
    const metrics = transport.kind === 'http';
    await using recorder = recorderOf(command, logger);
    const gateway = await startGateway(command, variables, { env, logger, metrics, recorder });
    stopInspector = await startInspector(gateway, inspected, { stderr, signals, logger });
    started.resolve(gateway);
    if (transport.kind === 'stdio' && stdin.isTTY === true) stderr.write(hint);
    const server = await serveGateway(gateway, { transport, logger });
    // Also one that came while it started: servers may have been started that would outlive us.
    void stopped.promise.then(() => server.close());
    await server.closed;
  } finally {
    await stopInspector();
    signals.off('SIGHUP', reload).off('SIGTERM', stopped.resolve).off('SIGINT', stopped.resolve);
  }
}

/** For those who start it by hand, and wait. */
const hint =
  'This is for an MCP client, which starts it as its server and speaks with it over standard input: see ' +
  'docs/guides/put-a-gateway-in-front.md. Or serve clients over HTTP with --transport http. Ctrl+C ends it.\n';

interface ServeSurroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
  readonly metrics: boolean;
  readonly recorder: Recorder | undefined;
}

/** Whatever was started is closed where something else cannot be. */
async function startGateway(
  command: ServeCommand,
  variables: GatewayVariables,
  { env, logger, metrics, recorder }: ServeSurroundings,
): Promise<Gateway> {
  const options = gatewayOptions(command, variables);
  const files = serveFiles(command, variables);
  const { strict = false } = options;
  const serversEnv = environmentOfServers(env, files.servers.path);
  const { auditLog } = variables;
  const audit = await createAudit({ ...(auditLog !== undefined && { file: auditLog }), logger });
  logger.info({ file: audit.file }, `decisions are written to ${audit.file}`);
  const recorded = recorder !== undefined && { recorder };
  let servers: ServerSet | undefined;
  let plugins: PluginManager | undefined;
  try {
    servers = await createServerSet({
      servers: files.servers.path,
      watch: true,
      strict,
      env: serversEnv,
      logger,
      ...recorded,
    });
    if (command.plugins !== undefined) {
      plugins = await createManager({
        config: command.plugins,
        watch: true,
        env,
        logger,
        policies: gatewayPolicies,
        ...recorded,
      });
    }
    const rules = files.rules?.path;
    return await createGateway({
      ...options,
      servers,
      plugins,
      rules,
      audit,
      metrics,
      watch: true,
      logger,
      ...recorded,
    });
  } catch (error) {
    await Promise.all([servers?.close(), plugins?.close(), audit.close()]);
    throw error;
  }
}

function tellReload({ rules, servers, plugins }: GatewayReload, logger: Logger): void {
  for (const [what, result] of Object.entries({ rules, servers, plugins })) {
    if (result instanceof Error) logger.error({ file: what }, `the old ${what} stay in force: ${result.message}`);
    else logger.info({ file: what, ...(result !== undefined && { report: result }) }, `the ${what} were read again`);
  }
}
