/** A name as it is, a URI without query, fragment and credentials: those are arguments, or secrets. */
export function withoutQuery(subject: string): string {
  // As the URL Standard reads it: white space in front is passed over, and the last @ ends the credentials.
  if (!/^[\0- ]*[a-z][a-z\d+.-]*:/i.test(subject)) return subject;
  return subject.replace(/[?#].*$/s, '').replace(/^([^/\\]*:[/\\]{2})[^/\\]*@/, '$1');
}
