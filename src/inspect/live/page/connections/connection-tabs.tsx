import { Segments } from '../parts/segments.js';
import { usePage, useRoute } from '../shell/page-context.js';

/** Connections, or the servers that they lead to. */
export function ConnectionTabs() {
  const { go } = usePage();
  const { tab, seq } = useRoute();
  return (
    <Segments
      label="What is listed"
      options={[
        ['connections', 'Connections'],
        ['servers', 'Servers and tools'],
      ]}
      value={tab === 'servers' ? 'servers' : 'connections'}
      onChange={(one) =>
        go({ view: 'connections', ...(one === 'servers' && { tab: one }), ...(seq !== undefined && { seq }) })
      }
    />
  );
}
