import { z } from 'zod';
import type { UserContext } from '../context/global-context.js';
import { anyRecord } from '../hooks/record-schemas.js';
import { toWireName } from './names.js';

const text = z.string().nullish();
const list = z.array(z.string()).nullish();

/** The user of a request on the wire. */
export const userContextWire = z.object({
  user_id: z.string(),
  email: text,
  full_name: text,
  is_admin: z.boolean().nullish(),
  groups: list,
  roles: list,
  team_id: text,
  teams: list,
  department: text,
  attributes: anyRecord.nullish(),
  auth_method: text,
  authenticated_at: text,
  service_account: text,
  delegation_chain: list,
});

/** Field of {@link UserContext} → what an answer says where it is absent. */
const userContextDefaults = {
  userId: () => '',
  email: () => null,
  fullName: () => null,
  isAdmin: () => false,
  groups: () => [],
  roles: () => [],
  teamId: () => null,
  teams: () => null,
  department: () => null,
  attributes: () => ({}),
  authMethod: () => null,
  authenticatedAt: () => null,
  serviceAccount: () => null,
  delegationChain: () => [],
} satisfies Record<keyof UserContext, () => unknown>;

interface UserField {
  readonly key: keyof UserContext;
  readonly wire: string;
  readonly absent: () => unknown;
}

const userFields: readonly UserField[] = (Object.keys(userContextDefaults) as (keyof UserContext)[]).map((key) => ({
  key,
  wire: toWireName(key),
  absent: userContextDefaults[key],
}));

/** @param writeAbsent whether every field is written out */
export function encodeUserContext(user: UserContext, writeAbsent: boolean): Record<string, unknown> {
  const encoded: Record<string, unknown> = {};
  for (const { key, wire, absent } of userFields) {
    const value = user[key];
    if (isGiven(value)) encoded[wire] = value;
    else if (writeAbsent) encoded[wire] = absent();
  }
  return encoded;
}

export function decodeUserContext(wire: z.infer<typeof userContextWire>): UserContext {
  const user: UserContext = { userId: wire.user_id };
  if (isGiven(wire.email)) user.email = wire.email;
  if (isGiven(wire.full_name)) user.fullName = wire.full_name;
  if (isGiven(wire.is_admin)) user.isAdmin = wire.is_admin;
  if (isGiven(wire.groups)) user.groups = wire.groups;
  if (isGiven(wire.roles)) user.roles = wire.roles;
  if (isGiven(wire.team_id)) user.teamId = wire.team_id;
  if (isGiven(wire.teams)) user.teams = wire.teams;
  if (isGiven(wire.department)) user.department = wire.department;
  if (isGiven(wire.attributes)) user.attributes = wire.attributes;
  if (isGiven(wire.auth_method)) user.authMethod = wire.auth_method;
  if (isGiven(wire.authenticated_at)) user.authenticatedAt = wire.authenticated_at;
  if (isGiven(wire.service_account)) user.serviceAccount = wire.service_account;
  if (isGiven(wire.delegation_chain)) user.delegationChain = wire.delegation_chain;
  return user;
}

/** Null and undefined both say that a field is absent. */
export function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null;
}
