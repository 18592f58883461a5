/** A name as it is, a URI without query, fragment and credentials: those are arguments, or secrets. */
export function withoutQuery(subject: string): string {
  if (!/^[a-z][a-z\d+.-]*:/i.test(subject)) return subject;
  return subject.replace(/[?#].*$/s, '').replace(/^([^/]*:\/\/)[^/@]*@/, '$1');
}
