import { useEffect, useState } from 'preact/hooks';

/** As narrow.css has it. */
const narrow = matchMedia('(max-width: 760px)');

/** Whether the screen is that of a phone, or as narrow as one. */
export function useNarrowScreen(): boolean {
  const [is, setIs] = useState(narrow.matches);
  useEffect(() => {
    const look = () => setIs(narrow.matches);
    narrow.addEventListener('change', look);
    return () => narrow.removeEventListener('change', look);
  }, []);
  return is;
}
