import { readEnvironment } from '../config/environment/environment.js';
import { readChallenge } from '../downstream/login/challenge.js';
import { FileLoginStore, defaultLoginFolder } from '../downstream/login/file-login-store.js';
import { greet } from '../downstream/login/login-requests.js';
import { ServerLogin } from '../downstream/login/server-login.js';
import { isClaimed, type LoginStore, serverOf } from '../downstream/login/stored-login.js';
import type { LoginSettings, ServerEntry } from '../downstream/server-entry.js';
import { readServers } from '../downstream/servers-file/read-servers.js';
import { GatechartError, isGatechartError, messageOf } from '../errors.js';
import { findGatewayFile } from '../gateway/files/gateway-files.js';
import { readGatewayVariables } from '../gateway/files/gateway-variables.js';
import { cleanText } from '../gateway/offer/text-cleaning.js';
import { createLogger } from '../observability/logger.js';
import { systemClock } from '../time/clock.js';
import type { CommandIo } from './command-io.js';
import { missingServer } from './missing-server.js';

/** The command line of `gatechart login`. */
export interface LoginCommand {
  /** Path of the servers file. Default: the one that the gateway would take. */
  readonly servers?: string | undefined;
  /** Port that the browser comes back to. Default: that of the entry, or a free one. */
  readonly port?: string | undefined;
  /** False: the address is printed, and no browser is opened. */
  readonly browser?: boolean | undefined;
}

/** The process around the command. */
export interface LoginIo extends CommandIo {
  readonly stdout: CommandIo['stdout'] & { readonly isTTY?: boolean | undefined };
  /** Opens an address in the browser of the person who sits here. */
  readonly open: (address: string) => Promise<unknown>;
}

/** Milliseconds between looks at a login that another process waits for. */
const lookEveryMs = 250;

/**
 * `gatechart login`: has a person log in at a server of the servers file, and keeps the login for the gateway.
 *
 * @returns the exit code: 0 logged in, 1 not, 2 there is nothing to log in at
 * @throws ConfigError for a servers file that cannot be used; GatechartError SERVER_NOT_FOUND, CONFIG_INVALID
 */
export async function login(name: string, command: LoginCommand, io: LoginIo): Promise<number> {
  const { reach } = serverNamed(name, command, io);
  const settings = loginSettings(name, reach.login ?? {}, command);
  const opens = command.browser !== false;
  if (opens && io.stdout.isTTY !== true)
    throw new GatechartError(
      'CONFIG_INVALID',
      'gatechart login needs a terminal, where somebody is; add --no-browser to have the address printed',
    );
  const store = storeOf(io);
  const { http, logLevel } = readEnvironment(io.env);
  const requests = { ssrfProtection: http.ssrfProtection, clock: systemClock };
  const own = new ServerLogin(
    { name, url: reach.url, settings },
    { store, logger: createLogger(logLevel), ...requests },
  );
  const tell = (address: string): void => {
    io.stdout.write(`Log in at ${name} here:\n  ${address}\n`);
    if (opens) io.open(address).catch((error: unknown) => io.stderr.write(`No browser: ${messageOf(error)}\n`));
  };
  try {
    const { status, wwwAuthenticate } = await greet(reach.url, reach.headers, requests);
    if (status !== 401) io.stdout.write(`${name} does not ask for a login now (status ${status}).\n`);
    const challenge = status === 401 ? readChallenge(wwwAuthenticate) : undefined;
    const scopes = await own.login(challenge, tell);
    // Of the authorization server, and for a terminal.
    const granted = scopes.length === 0 ? 'what it grants by itself' : cleanText(scopes.join(' ')).text;
    io.stdout.write(`Logged in at ${name}. Granted: ${granted}. Kept in ${store.folder}.\n`);
    return 0;
  } catch (error) {
    const elsewhere = addressOf(error);
    if (elsewhere !== undefined && (await finishedElsewhere(elsewhere, tell, { store, url: reach.url, settings }))) {
      io.stdout.write(`Logged in at ${name}, by the process that waited for it. Kept in ${store.folder}.\n`);
      return 0;
    }
    io.stderr.write(`${cleanText(messageOf(error)).text}\n`);
    return 1;
  } finally {
    await own.close();
  }
}

/**
 * `gatechart logout`: forgets the login at a server. Its authorization server is not told.
 *
 * @returns the exit code: 0
 * @throws as {@link login}
 */
export async function logout(name: string, command: Pick<LoginCommand, 'servers'>, io: CommandIo): Promise<number> {
  const { reach } = serverNamed(name, command, io);
  const store = storeOf(io);
  const [server, client] = [serverOf(reach.url), reach.login?.clientId];
  let removed = 0;
  for (
    let found = await store.newest(server, client);
    found !== undefined;
    found = await store.newest(server, client)
  ) {
    await store.remove(found);
    removed++;
  }
  io.stdout.write(removed === 0 ? `There was no login at ${name}.\n` : `The login at ${name} is forgotten.\n`);
  return 0;
}

type UrlEntry = ServerEntry & { readonly reach: Exclude<ServerEntry['reach'], { kind: 'stdio' }> };

/** @throws GatechartError SERVER_NOT_FOUND, CONFIG_INVALID for one that there is no login at */
function serverNamed(name: string, command: Pick<LoginCommand, 'servers'>, { env }: CommandIo): UrlEntry {
  const file = command.servers ?? findGatewayFile('servers', { variables: readGatewayVariables(env) }).path;
  const { entries, broken, names, disabled } = readServers(file, { env });
  const bad = broken.find((one) => one.name === name);
  if (bad !== undefined) throw new GatechartError('CONFIG_INVALID', bad.error);
  const entry = entries.find((one) => one.name === name);
  if (entry === undefined)
    throw new GatechartError('SERVER_NOT_FOUND', missingServer(name, { file, names, disabled }), {
      details: { server: name },
    });
  if (!isOfUrl(entry)) throw noLogin(name, 'it is a process, and whatever it needs is in its entry');
  if (entry.reach.socketPath !== undefined) throw noLogin(name, 'it is behind a Unix socket');
  if (Object.keys(entry.reach.headers).some((header) => header.toLowerCase() === 'authorization'))
    throw noLogin(name, 'its entry sends an Authorization header of its own');
  return entry;
}

function isOfUrl(entry: ServerEntry): entry is UrlEntry {
  return entry.reach.kind !== 'stdio';
}

function loginSettings(name: string, settings: LoginSettings, { port }: LoginCommand): LoginSettings {
  if (settings.grant === 'client_credentials')
    throw noLogin(name, "its entry has the grant 'client_credentials', which takes no person");
  if (port === undefined) return settings;
  const callbackPort = Number(port);
  if (!/^\d+$/.test(port) || callbackPort < 1 || callbackPort > 65_535)
    throw new GatechartError('CONFIG_INVALID', `--port ${port}: expected a number from 1 to 65535`);
  return { ...settings, callbackPort };
}

function noLogin(name: string, why: string): GatechartError {
  return new GatechartError('CONFIG_INVALID', `there is no login at ${name}: ${why}`);
}

function storeOf({ env }: CommandIo): FileLoginStore {
  return new FileLoginStore(defaultLoginFolder(env));
}

/** Where another process waits for a person. */
function addressOf(error: unknown): string | undefined {
  if (!isGatechartError(error) || error.code !== 'LOGIN_NEEDED') return undefined;
  return typeof error.details['url'] === 'string' ? error.details['url'] : undefined;
}

/** A gateway waits for the person already: sends the person there, and looks whether there is a login when it has stopped waiting. */
async function finishedElsewhere(
  address: string,
  tell: (address: string) => void,
  { store, url, settings }: { readonly store: LoginStore; readonly url: string; readonly settings: LoginSettings },
): Promise<boolean> {
  const server = serverOf(url);
  const before = await store.newest(server, settings.clientId);
  tell(address);
  for (let claim = await store.claim(server); ; claim = await store.claim(server)) {
    if (!isClaimed(claim)) {
      await claim.release();
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  const after = await store.newest(server, settings.clientId);
  return after?.tokens !== undefined && after.tokens.accessToken !== before?.tokens?.accessToken;
}
