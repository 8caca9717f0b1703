/** @type {import('next').NextConfig} */
export default {
  // The workspace's packages are links to folders above this one.
  turbopack: { root: new URL('../..', import.meta.url).pathname },
};
