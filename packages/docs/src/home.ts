/** The first page of the site. It is here, and not in Markdown, because all of it is data of VitePress. */
import type { Draft } from './pages.js';

const frontmatter = {
  layout: 'home',
  title: 'Vortex for TypeScript',
  hero: {
    name: 'Vortex',
    text: 'for TypeScript backends',
    tagline:
      'Invitations on your own origin. The API key stays on your server, your rules decide who may invite and accept, and webhooks tell you who has joined.',
    actions: [
      { theme: 'brand', text: 'Start', link: '/start/' },
      { theme: 'alt', text: 'Find your host', link: '/hosts/' },
      { theme: 'alt', text: 'Reference', link: '/reference/' },
    ],
  },
  features: [
    {
      title: 'One router, twelve operations',
      details:
        'Mount it on Express, Fastify or Hono, or as a handler for Next.js, SvelteKit, Bun, Deno, Workers and more.',
      link: '/hosts/',
      linkText: 'All hosts',
    },
    {
      title: 'Denied unless a rule allows it',
      details:
        'One typed rule per operation. A rule sees the validated request and can load the invitation. What it has seen is what runs.',
      link: '/guides/authorise',
      linkText: 'Authorise',
    },
    {
      title: 'Webhooks, verified and deduplicated',
      details:
        'Signature over the raw bytes, one handler per event, and stores for several processes or for your own transaction.',
      link: '/guides/webhooks',
      linkText: 'Webhooks and stores',
    },
    {
      title: 'A cloud on your machine',
      details:
        'The emulator has the API, the messages and the webhooks, for development and for tests without an account.',
      link: '/emulator/',
      linkText: 'Emulator',
    },
    {
      title: 'A doctor for your application',
      details: 'It sends a running application the requests that go wrong, and says what to change.',
      link: '/emulator/doctor',
      linkText: 'Doctor',
    },
    {
      title: 'React, or any page',
      details: 'Hooks for invite screens, or a typed client without a framework or a dependency.',
      link: '/frontend/react',
      linkText: 'Frontend',
    },
  ],
};

/** JSON is YAML too. */
export const home: Draft = { route: 'index', order: 0, body: '', frontmatter: JSON.stringify(frontmatter, null, 1) };
