import { packageVersion } from '../../../package-version.js';
import { randomBytes } from 'node:crypto';
import type { LiveSource } from '../feed/live-source.js';
import { Fingerprints } from './redaction/fingerprints.js';
import { shownName } from './redaction/shown-text.js';
import { ValueView } from './redaction/value-view.js';
import { WatchedModel, type WatchLimits } from './watched-model.js';
import { WatchedSource } from './watched-source.js';
import { watchedTarget, type WatchTarget } from './watched-target.js';

const defaultLimits: WatchLimits = { events: 20_000, invocations: 2_000, bytes: 32 * 1024 * 1024 };

export interface LiveSourceOptions {
  /** What the process is called. Default: what is watched. */
  readonly name?: string;
  /** Whether the values of payloads may be seen; default: their types, lengths and fingerprints. */
  readonly payloads?: 'redacted' | 'shown';
  /** Default: nothing can be controlled. */
  readonly control?: LiveSource['control'];
  readonly limits?: Partial<WatchLimits>;
}

/** A source that has to be closed: until then it observes. */
export interface ClosableLiveSource extends LiveSource {
  close(): void;
}

/**
 * Watches a manager, a gateway, a server set or a plugin server, from now on until it is closed.
 *
 * @throws GatechartError CONFIG_INVALID for a target that cannot be watched
 */
export function createLiveSource(target: WatchTarget, options: LiveSourceOptions = {}): ClosableLiveSource {
  const watched = watchedTarget(target);
  const limits = { ...defaultLimits, ...options.limits };
  const payloads = options.payloads ?? 'redacted';
  // Times begin with the process: whatever it has, began after that.
  const upMs = process.uptime() * 1000;
  const epoch = Math.round(Date.now() - upMs);
  const origin = watched.clock.now() - upMs;
  const model = new WatchedModel(watched, new ValueView(payloads, new Fingerprints()), limits, origin, epoch);
  const watchings = [
    watched.observe(model.actors),
    ...(watched.manager === undefined ? [] : [watched.manager.invoker.observeInvocations(model.invocations)]),
    ...(watched.calls === undefined ? [] : [watched.calls.observeCalls(model.calls)]),
  ];
  const facts = {
    host: {
      name: shownName(options.name ?? watched.name),
      pid: process.pid,
      version: packageVersion,
      start: randomBytes(6).toString('hex'),
    },
    epoch,
    payloads,
    ring: { events: limits.events, invocations: limits.invocations },
    control: options.control,
  };
  return new WatchedSource(facts, model, watchings, watched.closed);
}
