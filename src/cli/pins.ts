import { countOf } from '../config/config-issue.js';
import { readEnvironment } from '../config/environment/environment.js';
import { suggestionFor } from '../config/suggestion.js';
import { createServerSet } from '../downstream/create-server-set.js';
import { readServers } from '../downstream/servers-file/read-servers.js';
import { withoutServer } from '../downstream/sessions/server-errors.js';
import { quoted } from '../gateway/offer/quoted-text.js';
import { cleanText } from '../gateway/offer/text-cleaning.js';
import { pinFileName, readPins, writePins } from '../gateway/pins/pin-file.js';
import { approvedPins, type ReviewedServers, reviewPins, type ServerReview } from '../gateway/pins/pin-review.js';
import type { PinState } from '../gateway/pins/pin-states.js';
import { createLogger } from '../observability/logger.js';
import type { CommandIo } from './command-io.js';
import { missingServer, type ServerNames } from './missing-server.js';

export interface PinsCommand {
  /** Path of the servers file. */
  readonly servers: string;
  /** Path of the lock file. Default: `gatechart.lock` in the working directory. */
  readonly lock?: string | undefined;
  /** One server, whether its entry says `pin` or not. Default: all whose entry does. */
  readonly server?: string | undefined;
  /** One tool. Default: all. */
  readonly tool?: string | undefined;
}

/** Servers to review, and the names of those that are switched off. */
type OpenedServers = ReviewedServers & AsyncDisposable & { readonly disabled?: readonly string[] };

type OpenServers = (command: PinsCommand, io: CommandIo) => Promise<OpenedServers>;

/**
 * `gatechart pins diff`: prints what servers list otherwise than it was approved.
 *
 * @returns the exit code: 0 nothing, 1 something, 2 that cannot be told
 */
export async function diffPins(command: PinsCommand, io: CommandIo, open: OpenServers = openServers): Promise<number> {
  const pins = await readPins(lockOf(command));
  const reviews = await review(command, io, open, pins);
  if (reviews === undefined) return 2;
  const differences = reviews.flatMap((review) => linesOf(review));
  for (const line of differences) io.stdout.write(`${line}\n`);
  io.stdout.write(`${countOf(differences.length, 'difference')}\n`);
  if (reviews.some(({ kind }) => kind === 'unknown')) return 2;
  return differences.length === 0 ? 0 : 1;
}

/**
 * `gatechart pins approve`: approves what servers list now, and prints what that is.
 *
 * @returns the exit code: 0 it was written, 2 some server could not be asked; what the others list is approved then
 */
export async function approvePins(
  command: PinsCommand,
  io: CommandIo,
  open: OpenServers = openServers,
): Promise<number> {
  const lock = lockOf(command);
  const pins = await readPins(lock);
  const reviews = await review(command, io, open, pins);
  if (reviews === undefined) return 2;
  const changes = reviews.flatMap((review) => linesOf(review));
  if (changes.length > 0) await writePins(lock, approvedPins(pins, reviews));
  for (const line of changes) io.stdout.write(`${line}\n`);
  io.stdout.write(`${countOf(changes.length, 'difference')} approved in ${lock}\n`);
  return reviews.some(({ kind }) => kind === 'unknown') ? 2 : 0;
}

function lockOf({ lock }: PinsCommand): string {
  return lock ?? pinFileName;
}

async function openServers({ servers }: PinsCommand, { env }: CommandIo): Promise<OpenedServers> {
  const { disabled } = readServers(servers, { env });
  const set = await createServerSet({ servers, env, logger: createLogger(readEnvironment(env, 'warn').logLevel) });
  return {
    disabled,
    names: () => set.names(),
    entry: (name) => set.entry(name),
    list: (server, kind) => set.list(server, kind),
    [Symbol.asyncDispose]: () => set[Symbol.asyncDispose](),
  };
}

/** Undefined where there is nothing to review, which is told. */
async function review(
  { server, tool, ...command }: PinsCommand,
  io: CommandIo,
  open: OpenServers,
  pins: Parameters<typeof reviewPins>[1],
): Promise<readonly ServerReview[] | undefined> {
  await using servers = await open(command, io);
  const reviews = await reviewPins(servers, pins, { server, tool });
  const { disabled = [] } = servers;
  const named = { file: command.servers, names: servers.names(), disabled };
  const missing = nothingReviewed(reviews, { server, tool }, named);
  if (missing !== undefined) {
    io.stderr.write(`${missing}\n`);
    return undefined;
  }
  for (const review of reviews)
    if (review.kind === 'unknown')
      io.stderr.write(
        `server ${quoted(review.server)}: ${cleanText(withoutServer(review.problem, review.server)).text}\n`,
      );
  return reviews;
}

function nothingReviewed(
  reviews: readonly ServerReview[],
  { server, tool }: Pick<PinsCommand, 'server' | 'tool'>,
  named: ServerNames,
): string | undefined {
  if (reviews.length === 0) {
    return server === undefined
      ? `${named.file}: no server has "pin"; add "pin": "warn" or "block" to its entry, or name one with --server`
      : missingServer(server, named);
  }
  const isThere = reviews.some((review) => review.kind === 'unknown' || review.states.length > 0);
  if (tool === undefined || isThere) return undefined;
  const where = server === undefined ? 'no server has a tool' : `server ${quoted(server)} has no tool`;
  const meant = suggestionFor(tool, reviews.flatMap(toolNames));
  const hint = meant === undefined ? '' : `; did you mean ${quoted(meant)}?`;
  return `${where} ${quoted(tool)}, nor was one approved${hint}`;
}

function toolNames(review: ServerReview): readonly string[] {
  if (review.kind === 'unknown') return [];
  return review.tools.map(({ name }) => name).filter((name) => typeof name === 'string');
}

function linesOf(review: ServerReview): readonly string[] {
  if (review.kind === 'unknown') return [];
  return review.states.flatMap((state) => {
    if (state.state === 'approved') return [];
    const description = review.tools.find(({ name }) => name === state.tool)?.['description'];
    const shown = typeof description === 'string' ? `: ${quoted(description, 300)}` : '';
    return [`${quoted(review.server)} ${quoted(state.tool)} ${wordsFor(state)}${shown}`];
  });
}

function wordsFor(state: PinState): string {
  if (state.state === 'changed') return `changed (${state.fields.join(', ')})`;
  if (state.state === 'new' && state.renamedFrom !== undefined)
    return `new (content as ${quoted(state.renamedFrom)} had)`;
  return state.state;
}
