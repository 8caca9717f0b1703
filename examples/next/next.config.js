/** @type {import('next').NextConfig} */
export default {
  // The packages of the workspace are links to folders outside this one.
  turbopack: { root: new URL('../..', import.meta.url).pathname },
};
