import type { Violation } from './hook-result.js';

// Known by identity: what crosses the wire says what the plugin said, and that is nothing.
const stated = new WeakSet<Violation>();

/** The violation of a block whose plugin gave none, so that whoever handles blocks always finds one. */
export function statedViolation(pluginName: string): Violation {
  const violation = Object.freeze({
    reason: 'No reason given',
    description: 'The plugin blocked without a violation',
    code: 'NO_REASON_GIVEN',
    pluginName,
  });
  stated.add(violation);
  return violation;
}

/** Whether a violation is in place of one that its plugin did not give. */
export function isStatedViolation(violation: unknown): boolean {
  return stated.has(violation as Violation);
}
