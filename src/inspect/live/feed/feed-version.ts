/** Of what an inspected process tells. */
export const feedVersion = 1;
