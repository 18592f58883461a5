import type { ComponentChildren } from 'preact';

/** Of 16 × 16, in lines of the colour of the text. A word stands beside each, or names it. */
const drawings = {
  overview: <path d="M2.5 7.5 8 2.8l5.5 4.7v5.7h-3.7V9.6H6.2v3.6H2.5z" />,
  connections: (
    <>
      <circle cx="4" cy="8" r="2" />
      <circle cx="12" cy="3.8" r="2" />
      <circle cx="12" cy="12.2" r="2" />
      <path d="m5.8 7 4.4-2.2M5.8 9l4.4 2.2" />
    </>
  ),
  invocations: <path d="M2 3.8h6M5 8h8M8.5 12.2H14" />,
  plugins: <path d="M5.5 2v3.5m5-3.5v3.5M3.8 5.5h8.4V8a4.2 4.2 0 0 1-8.4 0zM8 12.2V14" />,
  events: <path d="M2.5 3.8h11M2.5 8h11M2.5 12.2h7" />,
  recording: (
    <>
      <circle cx="8" cy="8" r="5.8" />
      <circle cx="8" cy="8" r="2.2" />
    </>
  ),
  machines: <path d="M2.2 2.5h5v3.6h-5zm6.6 7.4h5v3.6h-5zM4.7 6.1v5.6h4.1" />,
  pause: <path d="M5.5 3.5v9m5-9v9" />,
  play: <path d="M5 3.2v9.6l7.5-4.8z" fill="currentColor" />,
  find: (
    <>
      <circle cx="7" cy="7" r="4.3" />
      <path d="m10.3 10.3 3.4 3.4" />
    </>
  ),
  theme: (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <path d="M8 2.4a5.6 5.6 0 0 1 0 11.2z" fill="currentColor" />
    </>
  ),
  login: (
    <>
      <circle cx="5" cy="8" r="2.8" />
      <path d="M7.8 8h6v2.6M11.2 8v2" />
    </>
  ),
} satisfies Readonly<Record<string, ComponentChildren>>;

export type IconName = keyof typeof drawings;

export function Icon({ of }: { readonly of: IconName }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.4"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {drawings[of]}
    </svg>
  );
}
