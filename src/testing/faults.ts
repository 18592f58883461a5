import type * as fc from 'fast-check';
import { lazyPackage } from '../lazy-package.js';
import type { CloseBehaviour, OpenBehaviour, PingBehaviour, RequestBehaviour } from './scripted-behaviour.js';
import type { ScriptedTransport } from './scripted-transport.js';

/** Something that goes wrong, or at least not smoothly, between us and a server. */
export type Fault =
  | { readonly on: 'open'; readonly behaviour: OpenBehaviour; readonly times: number }
  | { readonly on: 'request'; readonly behaviour: RequestBehaviour; readonly times: number }
  | { readonly on: 'close'; readonly behaviour: CloseBehaviour; readonly times: number }
  | { readonly on: 'ping'; readonly behaviour: PingBehaviour; readonly times: number }
  /** The link that is open, if one is, ends by itself; or its server retires it. */
  | { readonly on: 'link' }
  | { readonly on: 'retirement' };

/** How bad generated faults may get. */
export interface FaultOptions {
  /** Longest delay, milliseconds. Default 10,000. */
  readonly maxMs?: number;
  /** How many times in a row one fault may happen. Default 4. */
  readonly maxTimes?: number;
}

const fastCheck = lazyPackage<typeof fc>('fast-check', (require) => require('fast-check'));

/**
 * Every kind of fault that {@link applyFault} can bring about, except those in which the test has to lend a hand. Needs
 * `fast-check`, which is not installed along.
 *
 * @throws GatechartError CONFIG_INVALID where `fast-check` is not installed
 */
export function faultArbitrary({ maxMs = 10_000, maxTimes = 4 }: FaultOptions = {}): fc.Arbitrary<Fault> {
  const fc = fastCheck();
  const afterMs = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: maxMs }));
  const times = fc.integer({ min: 1, max: maxTimes });
  const hangs = fc.constant({ kind: 'hangs' } as const);
  const opening = <Behaviour extends OpenBehaviour>(behaviour: fc.Arbitrary<Behaviour>) =>
    fc.record({ on: fc.constant('open' as const), behaviour, times });
  const requesting = <Behaviour extends RequestBehaviour>(behaviour: fc.Arbitrary<Behaviour>) =>
    fc.record({ on: fc.constant('request' as const), behaviour, times });
  const after = <const Kind extends string>(kind: Kind) => fc.record({ kind: fc.constant(kind), afterMs });
  return fc.oneof(
    opening(after('opens')),
    opening(fc.record({ kind: fc.constant('opens' as const), afterMs, livesMs: afterMs })),
    opening(after('opensLate')),
    opening(after('rejects')),
    opening(hangs),
    requesting(after('answers')),
    requesting(after('answersLate')),
    requesting(after('refuses')),
    requesting(after('isNotSent')),
    requesting(after('losesSession')),
    requesting(after('isCutOff')),
    requesting(after('endsLink')),
    requesting(hangs),
    fc.record({ on: fc.constant('close' as const), behaviour: after('closes'), times }),
    fc.record({
      on: fc.constant('ping' as const),
      behaviour: fc.oneof(after('answers'), after('fails'), hangs),
      times,
    }),
    fc.constant({ on: 'link' as const }),
    fc.constant({ on: 'retirement' as const }),
  );
}

/** Makes a scripted transport show a fault, at once or the next time it could. */
export function applyFault<Request, Response>(transport: ScriptedTransport<Request, Response>, fault: Fault): void {
  switch (fault.on) {
    case 'open':
      return transport.opens.next(fault.behaviour, fault.times);
    case 'request':
      return transport.requests.next(fault.behaviour, fault.times);
    case 'close':
      return transport.closes.next(fault.behaviour, fault.times);
    case 'ping':
      return transport.pings.next(fault.behaviour, fault.times);
    case 'link':
      if (transport.link?.state === 'open') transport.link.end();
      return undefined;
    case 'retirement':
      return transport.link?.retire();
  }
}
