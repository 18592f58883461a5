import type { Capability } from '../config/sections/capabilities.js';
import type { Extensions, HttpExtension } from './extensions.js';
import type { SecurityExtension, SubjectExtension } from './security-extension.js';

/** What is read and written as one: a slot, or a part of a slot with rules of its own. */
export type ExtensionPart =
  | Exclude<keyof Extensions, 'http' | 'security'>
  | `http.${keyof HttpExtension}`
  | `security.${Exclude<keyof SecurityExtension, 'subject'>}`
  | `security.subject.${keyof SubjectExtension}`;

/** Who sees a part, and what becomes of what plugins write to it. */
export interface PartRule {
  /** What a plugin needs to see it. */
  readonly read: Capability | 'free';
  /** What comes with that right: a subject's roles say nothing without the subject. */
  readonly implies?: Capability;
  readonly write:
    | 'immutable'
    /** Whatever is written is taken. */
    | 'free'
    /** Taken from plugins with a capability. */
    | { readonly guarded: Capability }
    /** Taken from plugins with a capability, as far as it adds; nothing is ever taken away. */
    | { readonly grows: Capability };
}

const readFree: PartRule = { read: 'free', write: 'immutable' };
const subject: PartRule = { read: 'read_subject', write: 'immutable' };

/** Every part of the extensions, as a row. Who may write a part may read it. */
export const extensionTable: Readonly<Record<ExtensionPart, PartRule>> = {
  request: readFree,
  agent: { read: 'read_agent', write: 'immutable' },
  'http.headers': { read: 'read_headers', write: { guarded: 'write_headers' } },
  'security.labels': { read: 'read_labels', write: { grows: 'append_labels' } },
  'security.classification': readFree,
  'security.subject.id': subject,
  'security.subject.type': subject,
  'security.subject.roles': { read: 'read_roles', implies: 'read_subject', write: 'immutable' },
  'security.subject.teams': { read: 'read_teams', implies: 'read_subject', write: 'immutable' },
  'security.subject.claims': { read: 'read_claims', implies: 'read_subject', write: 'immutable' },
  'security.subject.permissions': { read: 'read_permissions', implies: 'read_subject', write: 'immutable' },
  'security.objects': readFree,
  'security.data': readFree,
  delegation: { read: 'read_delegation', write: { grows: 'append_delegation' } },
  mcp: readFree,
  completion: readFree,
  provenance: readFree,
  llm: readFree,
  framework: readFree,
  meta: readFree,
  custom: { read: 'free', write: 'free' },
};
