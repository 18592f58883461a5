/** What the build makes of each element of a component. */
export { Fragment, h } from 'preact';
