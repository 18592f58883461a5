/**
 * What the text of a `kind` can stand for: `module`, a file or package with its export; `pythonClass`, a dotted name as
 * ContextForge writes it; `name`, what only a program can register.
 */
export type KindForm = 'module' | 'pythonClass' | 'name';

export function formOfKind(kind: string): KindForm {
  if (kind.includes('#') || /^(\.{1,2}\/|\/)/.test(kind)) return 'module';
  return /^\w+(\.\w+)+$/.test(kind) ? 'pythonClass' : 'name';
}
