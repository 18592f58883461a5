import { render } from 'preact';

render(<h1>gatechart</h1>, document.body);
