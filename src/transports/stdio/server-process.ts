import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { GatechartError } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import { deferred } from '../../time/deferred.js';
import { within } from '../../time/within.js';
import { ProcessGroup } from './process-group.js';
import { StderrLog } from './stderr-log.js';

export interface ServerProcessOptions {
  readonly child: ChildProcessWithoutNullStreams;
  readonly name: string;
  readonly target: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly terminateGraceMs: number;
  /** Milliseconds a server has to leave by itself once its standard input ended. */
  readonly leaveMs: number;
}

const drainMs = 200;
const afterKillMs = 1000;

/** The process of one server, with what it started, from its birth to its end. */
export class ServerProcess {
  /** Settles once with the reason, when it has ended, or can say nothing any more, by itself. Never rejects. */
  readonly lost: Promise<GatechartError>;
  readonly #options: ServerProcessOptions;
  readonly #group: ProcessGroup;
  readonly #stderr: StderrLog;
  readonly #lost = deferred<GatechartError>();
  readonly #exited = deferred();
  /** Everything the child wrote has been read. */
  readonly #drained = deferred();
  #ended: Promise<void> | undefined;

  constructor(options: ServerProcessOptions) {
    const { child, clock, logger, name } = options;
    this.#options = options;
    this.lost = this.#lost.promise;
    this.#group = new ProcessGroup(child.pid ?? 0, clock);
    this.#stderr = new StderrLog(options);
    child.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    // A write to a child that has gone: its exit says more than EPIPE does.
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      stream.on('error', (error) => logger.debug({ connection: name, error: error.message }, 'pipe of MCP server'));
    }
    child.on('error', (error) => logger.warn({ connection: name, error: error.message }, 'MCP server'));
    child.once('exit', () => this.#exited.resolve());
    child.once('close', () => this.#drained.resolve());
    child.stdout.once('end', () => void this.#stdoutEnded());
    void this.#exited.promise.then(() => this.#childExited());
  }

  /** Ends the process and what it started; settles when they are gone. Never rejects. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    const { child, clock, leaveMs, logger, name, terminateGraceMs } = this.#options;
    child.stdin.end();
    await this.#group.gone(leaveMs);
    await this.#group.end(terminateGraceMs);
    if ((await within(this.#exited.promise, afterKillMs, clock)) === undefined) {
      // A process that hangs in the kernel, or that runs as another user.
      logger.warn({ connection: name, pid: child.pid }, 'MCP server cannot be ended; it is left behind');
      child.unref();
    }
    this.#stderr.end();
    // Whoever left the group may still hold the other end of a pipe; ours must not keep this process alive.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
  }

  async #childExited(): Promise<void> {
    const { child, clock } = this.#options;
    if (this.#ended !== undefined) return;
    // What it wrote last is still in the pipes: an answer, and the reason why it died.
    await within(this.#drained.promise, drainMs, clock);
    this.#stderr.end();
    const how = child.signalCode === null ? `exited with code ${child.exitCode}` : `was ended by ${child.signalCode}`;
    this.#lost.resolve(this.#error(how));
  }

  /** Nothing it says can be heard any more, even if it lives on. As a rule it is about to exit, which says more. */
  async #stdoutEnded(): Promise<void> {
    if (this.#ended !== undefined) return;
    if ((await within(this.#exited.promise, drainMs, this.#options.clock)) !== undefined) return;
    this.#lost.resolve(this.#error('closed its standard output'));
  }

  #error(how: string): GatechartError {
    const { child, target, name } = this.#options;
    const { tail } = this.#stderr;
    const said = tail.length === 0 ? 'It wrote nothing to stderr.' : `Last lines of its stderr:\n${tail.join('\n')}`;
    return new GatechartError('LINK_LOST', `${name}: the MCP server (${target}) ${how}. ${said}`, {
      details: { connection: name, exitCode: child.exitCode, signal: child.signalCode, stderr: tail },
    });
  }
}
