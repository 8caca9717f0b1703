/** Serves the webhooks where the other listeners do: pages that are not rendered are below `/api`. */
export default {
  rewrites: async () => [{ source: '/webhooks/vortex', destination: '/api/webhooks/vortex' }],
};
