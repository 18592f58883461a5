import type { IdentitySubject } from '../hooks/identity/identity.js';

/** Who asks, and what holds for what is asked for. */
export interface SecurityExtension {
  /** Of the data in this request: `PII`, `CONFIDENTIAL`. Plugins only ever add some. */
  readonly labels?: readonly string[] | undefined;
  /** `public`, `internal`, `confidential`. */
  readonly classification?: string | undefined;
  readonly subject?: IdentitySubject | undefined;
  /** By tool name, prompt name or resource URI. */
  readonly objects?: Readonly<Record<string, ObjectSecurityProfile>> | undefined;
  /** By tool name, prompt name or resource URI. */
  readonly data?: Readonly<Record<string, DataPolicy>> | undefined;
}

/** What is needed to use a tool, a prompt or a resource. */
export interface ObjectSecurityProfile {
  /** Who checks: `host`, `tool` or `both`. */
  readonly managedBy?: string | undefined;
  readonly permissions?: readonly string[] | undefined;
  /** `internal`, `external` or `privileged`. */
  readonly trustDomain?: string | undefined;
  /** Names of the fields that it reads or answers. */
  readonly dataScope?: readonly string[] | undefined;
}

/** What may be done with data that a tool, a prompt or a resource gives. */
export interface DataPolicy {
  readonly applyLabels?: readonly string[] | undefined;
  /** Left out: all. */
  readonly allowedActions?: readonly string[] | undefined;
  readonly deniedActions?: readonly string[] | undefined;
  readonly retention?: RetentionPolicy | undefined;
}

/** How long data may be kept. */
export interface RetentionPolicy {
  /** Seconds. */
  readonly maxAgeSeconds?: number | undefined;
  /** `session`, `transient`, `persistent` or `none`. */
  readonly policy?: string | undefined;
  /** ISO 8601. */
  readonly deleteAfter?: string | undefined;
}
